import { move } from '../domain/order/move.ts';
import type { Step } from '../domain/order/next-step.ts';
import { evidenceOfFailedCall } from './failure-evidence.ts';
import type { HeldOrder } from './held-order.ts';
import { LeaseLost } from './lease-lost.error.ts';
import type { OrderingPorts } from './ordering-ports.ts';
import { check } from './steps/check.step.ts';
import { follow } from './steps/follow.step.ts';
import { adoptLateAnswer } from './steps/late-answer.step.ts';
import { look } from './steps/look.step.ts';
import { note } from './steps/note.ts';
import { reread } from './steps/reread.step.ts';
import { send } from './steps/send.step.ts';
import { StoreFailed } from './store-failed.error.ts';
import type { StepAction } from './steps/step.ts';
import { withdraw } from './steps/withdraw.step.ts';

/** Steps that need nothing of CMP. */
const here: Partial<Record<Step, StepAction>> = {
  'take-over': (held, { clock, store, rules }) => store.save(held, rules.takeOver(held.order, clock.now())),
  'doubt-again': (held, { clock, store }) => store.save(held, move(held.order, 'lose-track', clock.now())),
  'withdraw-here': (held, { clock, store }) => store.save(held, move(held.order, 'withdraw', clock.now())),
  'adopt-late-answer': adoptLateAnswer,
};

const atCmp: Partial<Record<Step, StepAction>> = {
  check,
  send,
  look,
  follow,
  reread,
  'withdraw-at-cmp': withdraw,
};

/**
 * Takes the next step of an order and answers the order as stored, or nothing when it rests. A failed call to CMP is
 * evidence and is stored too; only the loss of the lease and failures of the store are thrown.
 */
export async function takeStep(held: HeldOrder, ports: OrderingPorts): Promise<HeldOrder | null> {
  const step = ports.rules.nextStep(held.order, ports.clock.now(), ports.rules.patience);
  if (step === 'rest') return null;
  const local = here[step];
  if (local) return local(held, ports, undefined as never);
  const action = atCmp[step]!;
  try {
    return await action(held, ports, await ports.openCmp(held));
  } catch (error) {
    // After `sending` is stored nothing gets here but these two: every failure of the POST is evidence by then.
    if (error instanceof LeaseLost || error instanceof StoreFailed) throw error;
    return note(held, evidenceOfFailedCall(error), ports);
  }
}
