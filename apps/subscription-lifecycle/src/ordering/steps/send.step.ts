import type { Evidence } from '../../domain/order/evidence.ts';
import { seeOrder } from '../../domain/order/see-order.ts';
import { reason } from '../../domain/order/order-reason.ts';
import type { CmpOrdering } from '../cmp-ordering.ts';
import type { HeldOrder } from '../held-order.ts';
import { LeaseLost } from '../lease-lost.error.ts';
import type { OrderingPorts } from '../ordering-ports.ts';
import { note } from './note.ts';
import type { StepAction } from './step.ts';

/**
 * The one place where an order is sent. `sending` is stored first, so that whoever comes after a crash knows that it may
 * be at CMP. A worker that stood still meanwhile does not send: by then another may be looking for the order, and soon
 * conclude that it is not there.
 */
export const send: StepAction = async (held, ports, cmp) => {
  const { clock, store, rules } = ports;
  const sentAt = clock.now();
  const sending = await store.save(held, rules.beginSending(held.order, sentAt));
  const evidence =
    clock.now() - sentAt > rules.patience.sendWithin
      ? wokeTooLate()
      : await post(sending, ports, cmp, sentAt);
  const shownAfter = evidence.saw === 'answered' ? clock.now() - sentAt : undefined;
  try {
    return await note(sending, evidence, ports, { shownAfter });
  } catch (error) {
    if (error instanceof LeaseLost && evidence.saw === 'answered')
      await store.noteLateAnswer(sending.order.id, evidence.order);
    throw error;
  }
};

async function post(
  { order }: HeldOrder,
  { clock, rules }: OrderingPorts,
  cmp: CmpOrdering,
  sentAt: number,
): Promise<Evidence> {
  const { ask, marker } = order;
  const giveUp = new AbortController();
  const over = new AbortController();
  const answerBy = sentAt + rules.patience.answerWithin;
  void clock.sleep(answerBy - clock.now(), over.signal).then(
    () => giveUp.abort(new Error(`CMP did not answer within ${rules.patience.answerWithin / 1000} s.`)),
    () => undefined,
  );
  const { signal } = giveUp;
  try {
    if (ask.kind === 'renewal-setting') {
      await cmp.subscriptions.update(ask.cmpSubscriptionId, { renewalStatus: ask.autoRenew }, { signal });
      return { saw: 'carried-out' };
    }
    const answer = await cmp.orders.place(rules.orderRequest(ask, marker), { signal });
    return { saw: 'answered', order: seeOrder(ask, answer, rules.signs) };
  } catch (error) {
    return rules.evidenceOfFailedSending(error);
  } finally {
    over.abort(new Error('answered'));
  }
}

const wokeTooLate = (): Evidence => ({
  saw: 'not-sent',
  retryAfter: null,
  reason: reason(
    'woke-too-late',
    'The worker stood still between storing and sending the order, and did not send it.',
    'Wait: it is tried again by itself.',
  ),
});
