import type { OrderAsk } from '../order/order-ask.ts';
import { orderStatuses, type OrderStatus } from '../order/order-lifecycle.ts';
import { reason } from '../order/order-reason.ts';
import { actionAfter, changesAtOnce, dropsScheduled } from './after-order.ts';
import { scheduledAfter, scheduledStatuses } from './schedule-lifecycle.ts';

const of = { cmpAccountId: '1', cmpSubscriptionId: '2' };
const change = (when: 'now' | 'renewal'): OrderAsk => ({
  kind: 'change-quantity',
  ...of,
  product: { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001' },
  seats: 3,
  when,
});
const standing = (status: OrderStatus, ask = change('renewal'), code?: string) => ({
  ask,
  status,
  reason: code === undefined ? null : reason(code, '-', '-'),
});

describe('a scheduled change goes along with its order', () => {
  it.each([
    ['settled', undefined, 'finish'],
    ['refused', 'refused-by-cmp', 'fail'],
    ['refused', 'cancelled-at-cmp', 'wipe'],
    ['withdrawn', undefined, 'cancel'],
    ['accepted', undefined, null],
    ['needs-attention', 'no-trace', null],
  ] as const)('%s (%s): %s', (status, code, action) => {
    expect(actionAfter('ordered', standing('planned'), standing(status, change('renewal'), code))).toBe(
      action,
    );
  });

  it('and comes back to life with it', () => {
    for (const status of ['failed', 'cancelled', 'wiped'] as const) {
      expect(actionAfter(status, standing('refused'), standing('accepted'))).toBe('reopen');
      expect(actionAfter(status, standing('proving'), standing('settled'))).toBe('finish');
    }
  });

  it('never asks for a step that its life does not have', () => {
    for (const status of scheduledStatuses)
      for (const from of orderStatuses)
        for (const to of orderStatuses) {
          const action = actionAfter(
            status,
            standing(from),
            standing(to, change('renewal'), 'cancelled-at-cmp'),
          );
          if (action) expect(scheduledAfter(status, action)).toBeDefined();
        }
  });

  it('an immediate one that CMP cancelled has failed: nothing that was kept was wiped', () => {
    expect(
      actionAfter('ordered', standing('accepted'), standing('refused', change('now'), 'cancelled-at-cmp')),
    ).toBe('fail');
  });
});

describe('what drops scheduled changes', () => {
  it.each([
    ['an immediate change', change('now'), undefined, true],
    ['a cancellation', { kind: 'cancel', ...of } as OrderAsk, undefined, true],
    ['a change for the renewal', change('renewal'), undefined, false],
    ['a renewal setting', { kind: 'renewal-setting', ...of, autoRenew: true } as OrderAsk, undefined, false],
    ['one that found everything so already', change('now'), 'already-so', false],
  ])('%s', (_, ask, code, drops) => {
    expect(dropsScheduled(standing('settled', ask, code))).toBe(drops);
    expect(dropsScheduled(standing('accepted', ask, code))).toBe(false);
    if (code === undefined) expect(changesAtOnce({ ask })).toBe(drops);
  });
});
