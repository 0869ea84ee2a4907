import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What `npm start` writes about itself. */
export interface Stack {
  services: Record<string, string>;
  tokens: Record<string, Record<string, string>>;
  simulator: { url: string; apiUrl: string; control: string };
}

const root = join(import.meta.dirname, '../../../..');
const startedWithinMs = 300_000;

export const readStack = (): Stack =>
  JSON.parse(readFileSync(join(process.env['ISTHMUS_LOCAL_DIR']!, 'stack.json'), 'utf8')) as Stack;

/** Uses the stack of `ISTHMUS_LOCAL_DIR`, or starts one for these tests and ends it with them. */
export default async function startStack(): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['ISTHMUS_LOCAL_DIR'];
  if (given && existsSync(join(given, 'stack.json'))) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-console-'));
  // PostgreSQL runs as another user, who has to get through.
  chmodSync(folder, 0o755);
  process.env['ISTHMUS_LOCAL_DIR'] = folder;
  let said = '';
  const start = spawn(process.execPath, [join(root, 'tools/start/start.mjs'), '--no-demo'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [start.stdout, start.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const ended = new Promise<void>((resolve) => start.once('exit', () => resolve()));
  const deadline = Date.now() + startedWithinMs;
  while (!existsSync(join(folder, 'stack.json'))) {
    if (start.exitCode !== null || Date.now() > deadline) {
      start.kill('SIGTERM');
      throw new Error(`The stack did not start:\n${said}`);
    }
    await sleep(200);
  }
  return async () => {
    start.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
}
