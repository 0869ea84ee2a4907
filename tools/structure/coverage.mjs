import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Counts which files of running programs execute between two marks, by V8's own coverage over the inspector. */
export class Coverage {
  #sessions = [];

  constructor(root) {
    this.root = root;
  }

  /** @param {string} logs folder of `<program>.log` files in which Node wrote where its inspector listens */
  async connect(logs, except = []) {
    for (const name of readdirSync(logs).filter((file) => file.endsWith('.log'))) {
      const program = name.replace(/\.log$/, '');
      const url = [...readFileSync(join(logs, name), 'utf8').matchAll(/Debugger listening on (ws:\S+)/g)].at(
        -1,
      )?.[1];
      if (!url || except.includes(program)) continue;
      const session = await openSession(url);
      await session.send('Profiler.enable');
      await session.send('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
      this.#sessions.push({ program, session });
    }
    if (this.#sessions.length === 0) throw new Error(`No program in ${logs} has an inspector.`);
  }

  /** The files executed since the last mark, as sources: `program file`. */
  async mark() {
    const executed = new Set();
    for (const { program, session } of this.#sessions) {
      const { result } = await session.send('Profiler.takePreciseCoverage');
      for (const { url, functions } of result) {
        if (!url.startsWith('file:') || !functions.some(({ ranges: [{ count }] }) => count > 0)) continue;
        const file = relative(this.root, fileURLToPath(url));
        if (/^(apps|libs)\//.test(file))
          executed.add(`${program} ${file.replace('/dist/', '/src/').replace(/\.js$/, '.ts')}`);
      }
    }
    return executed;
  }

  close() {
    for (const { session } of this.#sessions) session.close();
  }
}

async function openSession(url) {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error(`${url} does not accept a connection.`)));
  });
  const waiting = new Map();
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = JSON.parse(data);
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error) reject?.(new Error(error.message));
    else resolve?.(result);
  });
  return {
    send: (method, params) =>
      new Promise((resolve, reject) => {
        waiting.set((last += 1), { resolve, reject });
        socket.send(JSON.stringify({ id: last, method, params }));
      }),
    close: () => socket.close(),
  };
}
