import { ConnectorNotUsable } from '@isthmus/cmp-connections';
import { RequestRefused } from '@isthmus/messaging';
import { isFinal, type OrderStatus, orderStatuses } from '../order-lifecycle.ts';
import { newOrder, type OrderRecord } from '../order.ts';
import { outcomeOfFailedCall } from './failed-calls.ts';
import { nextStep, stopForRemovedConnector, stopForTransfer } from './order-policy.ts';
import { defaultRetryPolicy as retryPolicy } from './retry-policy.ts';
import { applyOutcome } from './step-outcomes.ts';

const spec = { kind: 'cancel', cmpAccountId: 'old', cmpSubscriptionId: '7' } as const;
const order = (status: OrderStatus, attempts: number): OrderRecord => ({
  ...newOrder('0b0e6d38-9f1c-4b1e-8a3e-0f7c6f0f6f01', spec, { highestTotal: null, extraProducts: 'any' }, 0),
  status,
  attempts,
});
const every = orderStatuses.flatMap((status) => [order(status, 0), order(status, 1)]);
const stops = {
  transfer: (one: OrderRecord) => stopForTransfer(one, { from: 'old', to: 'new' }, 10),
  removal: (one: OrderRecord) => stopForRemovedConnector(one, 10),
};

describe.each(Object.entries(stops))('an order stopped by a %s', (_, stop) => {
  it('stays as it is when it is at its end or with people already', () => {
    for (const one of every)
      if (isFinal(one.status) || ['needs-attention', 'completed-not-effective'].includes(one.status))
        expect(stop(one)).toBe(one);
      else expect(stop(one).reason).not.toBeNull();
  });

  it('is never sent by itself afterwards', () => {
    for (const one of every) {
      const stopped = stop(one);
      if (stopped === one) continue;
      expect(['needs-attention', 'refused']).toContain(stopped.status);
      for (const now of [10, 10 + retryPolicy.resendFloor, 10 + retryPolicy.confirmWithin])
        expect(['none', 'reconcile', 'follow', 'reread', 'withdraw-at-cmp']).toContain(
          nextStep(stopped, now, retryPolicy),
        );
    }
  });
});

it('an order of a connector that its owner knows no more is refused at once, or given to people when it may be at CMP', () => {
  const refused = new RequestRefused('rpc.connector-config.open-connector', 'connector.not-found', 'Gone.');
  const gone = new ConnectorNotUsable('C', 'Gone.', 'Look.', { cause: refused });
  const moment = { now: 10, retryPolicy, longestSeen: 0 };
  const after = (one: OrderRecord, error: unknown) => applyOutcome(one, outcomeOfFailedCall(error), moment);
  const removed = { reason: { code: 'connector-removed' } };
  expect(after(order('planned', 0), gone)).toMatchObject({ status: 'refused', ...removed });
  expect(after(order('planned', 1), gone)).toMatchObject({ status: 'needs-attention', ...removed });
  expect(after(order('accepted', 1), gone)).toMatchObject({ status: 'needs-attention', ...removed });
  expect(after(order('scheduled', 1), gone)).toMatchObject({ status: 'needs-attention', ...removed });
  const raised = after(order('needs-attention', 1), gone);
  expect(raised).toMatchObject({ status: 'needs-attention', nextStepAt: 10 + retryPolicy.attentionInterval });
  // Any other refusal may pass, and is waited for.
  const other = new ConnectorNotUsable('C', 'it is paused', 'Resume it.');
  expect(after(order('planned', 0), other).status).toBe('planned');
});
