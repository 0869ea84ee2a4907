import type { FaultKind } from './fault-kind.ts';

/** Does the work, then drops the connection without a byte. */
export const answerLost: FaultKind = {
  send({ request }) {
    request.raw.socket.destroy();
    return true;
  },
};
