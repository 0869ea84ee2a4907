import { createServer } from 'node:net';
import { freePort } from '@isthmus/servers';

/** The usual port, or a free one when somebody else has it. */
export async function choosePort(usual) {
  return (await isFree(usual)) ? usual : freePort();
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
