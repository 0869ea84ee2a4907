import type { HeldOrder } from './held-order.ts';
import type { OrderingPorts } from './ordering-ports.ts';
import { takeStep } from './take-step.ts';

/**
 * Takes one order that is due and all its steps until it has to wait, is done, or its lease is spent. Answers false when
 * nothing was due.
 */
export async function workOnOne(worker: string, ports: OrderingPorts): Promise<boolean> {
  const claimed = await ports.store.claimDue(worker);
  if (!claimed) return false;
  const work = () => takeSteps(claimed, ports);
  await (ports.inTraceOf ? ports.inTraceOf(claimed, work) : work());
  return true;
}

async function takeSteps(claimed: HeldOrder, ports: OrderingPorts): Promise<void> {
  let held = claimed;
  const holdUntil = ports.clock.now() + holdFor;
  for (;;) {
    const next = await takeStep(held, ports);
    if (!next) {
      // Due, yet nothing to do: without a later date it would be taken again and again.
      const { order } = held;
      const later = { ...order, nextStepAt: ports.clock.now() + ports.rules.patience.whileAlarmed };
      if (order.nextStepAt <= ports.clock.now()) held = await ports.store.save(held, later);
      break;
    }
    held = next;
    const now = ports.clock.now();
    // Sending begins with a lease that outlasts it.
    if (held.order.nextStepAt > now || now > holdUntil) break;
  }
  await ports.store.release(held);
}

/** A lease lasts four minutes; what begins within the first has time to wait for CMP's answer. */
const holdFor = 60_000;
export const leaseMs = 240_000;
