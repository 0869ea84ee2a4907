import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '@isthmus/testing/servers';
import { recordProcess } from '../process-record.mjs';

const quietMs = 1_000;
const shown = 8;

/** Runs examples/subscription-listener beside the demo and prints what it hears. */
export async function startListener(nats, say) {
  const child = spawn(process.execPath, [join(root, 'examples/subscription-listener/listen.mjs')], {
    env: { ...process.env, NATS_URL: nats },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  recordProcess('subscription-listener', child.pid);
  let heard = 0;
  let lastAt;
  const lines = createInterface({ input: child.stdout });
  await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('examples/subscription-listener ended before it listened.')));
    lines.once('line', resolve);
  });
  lines.on('line', (line) => {
    heard += 1;
    lastAt = Date.now();
    if (heard <= shown) say(`   ◂ ${line}`);
  });
  return {
    /** Waits until nothing has come for a moment; answers how many events came in all. */
    async quiet() {
      lastAt = Date.now();
      while (Date.now() - lastAt < quietMs) await sleep(50);
      if (heard > shown) say(`   ◂ … and ${heard - shown} more`);
      return heard;
    },
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
    },
  };
}
