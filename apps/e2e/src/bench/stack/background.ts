import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Background {
  url: string;
  pid: number;
  /** Ends it; answers the lines it has printed since it listened. */
  stop(): Promise<string[]>;
}

/** Starts a server in a process of its own that prints `{"listening": url}` once it does. */
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
