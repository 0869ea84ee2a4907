import { createServer } from 'node:net';
import { once } from 'node:events';

/** A TCP port nobody listens on at the moment of asking. */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
