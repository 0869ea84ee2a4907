interface Result {
  passed: number;
  failed: number;
  skipped: number;
  note: string;
}
export function browser(run: (command: string[], env?: object) => Promise<number>): Promise<Result>;
export function judge(
  code: number,
  report: {
    stats: { expected: number; unexpected: number; flaky: number; skipped: number };
    errors: unknown[];
  },
): Result;
