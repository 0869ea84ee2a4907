import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

type End = () => unknown;

const endings: End[] = [];

/** Ended when the benchmark is over, even if a signal ends it early; the last one first. */
export function atEnd(end: End): void {
  endings.push(end);
}

/** Ends everything that was started. */
export async function endAll(): Promise<void> {
  for (let end = endings.pop(); end; end = endings.pop()) await end();
}

export interface Background {
  url: string;
  pid: number;
  /** Ends it; returns the lines that it has printed since it was listening. */
  stop(): Promise<string[]>;
}

/** Starts a server in a process of its own, which prints `{"listening": url}` once it is listening. */
export async function startBackground(
  path: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<Background> {
  const child = spawn(process.execPath, [path, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines: string[] = [];
  const output = createInterface(child.stdout);
  const first = once(output, 'line') as Promise<[string]>;
  const [line] = await Promise.race([
    first,
    closed.then(() => Promise.reject(new Error(`${path} ended before it listened.`))),
  ]);
  output.on('line', (more) => lines.push(more));
  return {
    url: (JSON.parse(line) as { listening: string }).listening,
    pid: child.pid!,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await closed;
      return lines;
    },
  };
}

/** Runs one of the benchmarks' programs in a process of its own; returns the JSON that it prints at the end. */
export async function runProgram<T>(file: string, settings: object, nodeArgs: string[] = []): Promise<T> {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const child = spawn(process.execPath, [...nodeArgs, path, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${file} ended with ${code}.`);
  return JSON.parse(said) as T;
}

/** The settings that `runProgram` passed to a program. */
export const settingsOf = <T>(): T => JSON.parse(process.argv[2] ?? '{}') as T;
