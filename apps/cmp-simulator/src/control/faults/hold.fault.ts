import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind, Strike } from './fault-kind.ts';

/**
 * Keeps the call until the fault is cleared: before its work, or with `done: true` between the work and the answer. When
 * the caller hangs up meanwhile, the work is not done, or stays done without anybody having been told.
 */
export const hold: FaultKind = {
  async before(strike) {
    if (strike.parameters.done === true) return;
    // nginx's code for a caller that has gone; nobody reads it.
    if (!(await released(strike))) return { status: 499, body: '' };
  },
  async send(strike) {
    return strike.parameters.done === true && !(await released(strike));
  },
};

/** Waits for the fault to be cleared; false when the caller has gone before. */
async function released({ simulator, request, parameters }: Strike): Promise<boolean> {
  const { socket } = request.raw;
  while (!socket.destroyed && simulator.faults.holds(parameters)) await sleep(5);
  return !socket.destroyed;
}
