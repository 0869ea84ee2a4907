import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Background {
  url: string;
  stop(): Promise<void>;
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
  const ended = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => Promise.reject(new Error(`${path} ended before it listened.`))),
  ])) as [string];
  child.stdout.resume();
  return {
    url: (JSON.parse(line) as { listening: string }).listening,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
