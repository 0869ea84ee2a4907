import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually, freePort, spawnTied } from '@isthmus/testing';

const program = fileURLToPath(new URL('../../../../examples/webhook-receiver/receive.mjs', import.meta.url));

/** examples/webhook-receiver as a separate process, which registers itself with this token. */
export async function exampleReceiver(isthmusUrl: string, token: string) {
  const child = spawnTied(process.execPath, [program], {
    env: {
      PATH: process.env.PATH ?? '',
      ISTHMUS_URL: isthmusUrl,
      ISTHMUS_TOKEN: token,
      PORT: String(await freePort()),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += String(chunk)));
  await eventually(() => {
    if (child.exitCode !== null) throw new Error(`The receiver ended:\n${said}`);
    return said.includes('Receiving at');
  });
  return {
    /** What it has printed. */
    get said() {
      return said;
    },
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
