export function fetchPrometheus(): Promise<string>;
export interface Rules {
  groups: {
    name: string;
    rules: { alert: string; expr: string; for: string; annotations: Record<string, string> }[];
  }[];
}
export function readRules(): Promise<Rules>;
export function testRules(change?: (rules: Rules) => Rules): Promise<string>;
export function expressions(): Promise<{ from: string; expression: string }[]>;
export function withoutData(targets: { app: string; target: string }[]): Promise<string[]>;
