import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind, Strike } from './fault.ts';

// Slow and broken connections.

/** Waits `ms` (default 1000) of real time before the work. */
export const slow: FaultKind = {
  async before({ parameters }) {
    await sleep(Number(parameters.ms ?? 1000));
  },
};

/**
 * Keeps the call until the fault is cleared: before its work, or with `done: true` between the work and the response. When
 * the caller hangs up meanwhile, the work is not done, or stays done without the caller knowing.
 */
export const hold: FaultKind = {
  async before(strike) {
    if (strike.parameters.done === true) return;
    // nginx's code for a caller that has gone; it is never read.
    if (!(await released(strike))) return { status: 499, body: '' };
  },
  async send(strike) {
    return strike.parameters.done === true && !(await released(strike));
  },
};

/** Waits for the fault to be cleared; false when the caller has gone before. */
async function released({ context, request, parameters }: Strike): Promise<boolean> {
  const { socket } = request.raw;
  while (!socket.destroyed && context.control.faults.holds(parameters)) await sleep(5);
  return !socket.destroyed;
}

/** Does the work, then drops the connection without a byte. */
export const answerLost: FaultKind = {
  send({ request }) {
    request.raw.socket.destroy();
    return true;
  },
};

/** Does the work, then drops the connection in the middle of the body. */
export const cut: FaultKind = {
  send({ request, reply }, body) {
    const bytes = Buffer.from(body);
    reply.raw.writeHead(reply.statusCode, {
      'content-type': 'application/json',
      'content-length': bytes.length,
    });
    reply.raw.write(bytes.subarray(0, bytes.length >> 1), () => request.raw.socket.destroy());
    return true;
  },
};
