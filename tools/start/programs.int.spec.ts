import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'isthmus-programs-'));

interface Program {
  name: string;
  run: string;
  ready: string;
}
interface Programs {
  startProgram(
    program: Program,
    env: Record<string, string>,
    signal: AbortSignal,
  ): Promise<{ exited: Promise<unknown> }>;
  listensAt(pid: number, port: number): boolean;
  PortTaken: new () => Error;
}
let programs: Programs;
let other: Server;
let port: number;
beforeAll(async () => {
  mkdirSync(join(folder, 'logs'));
  process.env.ISTHMUS_LOCAL_DIR = folder;
  programs = (await import('./programs.mjs' as string)) as Programs;
  // Somebody else's program, which says that it is ready to whoever asks.
  other = createServer((_, response) => response.end('{"status":"up"}'));
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  ({ port } = other.address() as AddressInfo);
});
afterAll(() => {
  other.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A program that takes a while to start, then listens or ends because it cannot. */
function program(name: string): Program {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { createServer } from 'node:http';
     setTimeout(() => createServer((_, response) => response.end('{}')).listen(process.env.PORT, '127.0.0.1'), 500);`,
  );
  return { name, run: relative(root, file), ready: '/healthz/ready' };
}

it('takes no other program that answers at the port for the one that it has started', async () => {
  const never = new AbortController().signal;
  await expect(programs.startProgram(program('late'), { PORT: String(port) }, never)).rejects.toThrow(
    programs.PortTaken,
  );
});

it('knows who listens at a port', () => {
  expect(programs.listensAt(process.pid, port)).toBe(true);
  expect(programs.listensAt(process.ppid, port)).toBe(false);
  expect(programs.listensAt(process.pid, 1)).toBe(false);
});
