import type { OrderSpec } from '../orders/order.ts';
import type { SubscriptionState } from '../subscriptions/subscription.ts';
import { quotedEffects } from './build-quote.ts';

const at = (text: string) => Date.parse(text);
const now = at('2026-03-25T10:30:40Z');
const nce = { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001' };
const of = { cmpAccountId: '1', cmpSubscriptionId: '2' };
const state = (more: Partial<SubscriptionState> = {}) =>
  ({
    lines: [{ ...nce, cmpProductId: '', seats: 14 }],
    lots: [
      { seats: 10, addedAt: at('2026-03-01') },
      { seats: 4, addedAt: at('2026-03-24T09:00:00Z') },
    ],
    termStartedAt: at('2026-03-01'),
    renewalDate: '2027-03-01',
    expirationDate: '2027-02-28',
    ...more,
  }) as SubscriptionState;
const change = (seats: number): OrderSpec => ({
  kind: 'change-quantity',
  ...of,
  product: nce,
  seats,
  when: 'now',
});
const effects = (spec: OrderSpec, subscription: SubscriptionState | null = state()) =>
  quotedEffects(spec, subscription, now).map(({ code, seats, at: instant }) => [
    code,
    seats,
    instant === undefined ? undefined : new Date(instant).toISOString(),
  ]);

it('tells the window of seats added to the minute, over the change of clocks', () =>
  expect(effects(change(16))).toEqual([['opens-lot', 2, '2026-04-01T10:30:00.000Z']]));

it('tells what is left to take back after seats were taken, and until when', () => {
  expect(effects(change(11))).toEqual([['takes-from-lots', 1, '2026-03-31T09:00:00.000Z']]);
  expect(effects(change(10))).toEqual([['takes-from-lots', 0, undefined]]);
  const allNew = state({ lots: [{ seats: 14, addedAt: now - 1_000 }] });
  expect(effects(change(6), allNew)).toEqual([['takes-from-lots', 5, expect.any(String)]]);
  expect(effects(change(1), allNew)).toEqual([['takes-from-lots', 0, undefined]]);
});

it('says nothing of windows where nobody knows when seats were added, or there are none', () => {
  expect(effects(change(10), state({ lots: null }))).toEqual([]);
  const product = { vendor: 'VEEAM', mpn: 'BACKUP' };
  expect(effects({ kind: 'create', cmpAccountId: '1', product, seats: 1, parameters: [] }, null)).toEqual([]);
});

it('tells the end of a term by the renewal, and without one by the expiration', () => {
  const off: OrderSpec = { kind: 'renewal-setting', ...of, autoRenew: false };
  expect(effects(off)[0]).toEqual(['ends-with-term', undefined, '2027-03-01T00:00:00.000Z']);
  expect(effects(off, state({ renewalDate: null }))[0]![2]).toBe('2027-02-28T00:00:00.000Z');
});

it('tells of a cancellation when its window closes, where it has one', () => {
  const cancel: OrderSpec = { kind: 'cancel', ...of };
  expect(effects(cancel)[0]).toEqual(['window-closes', undefined, '2026-03-08T00:00:00.000Z']);
  expect(effects(cancel, state({ termStartedAt: null }))).toEqual([['ends-at-once', undefined, undefined]]);
});

describe('turning auto-renew off', () => {
  const off: OrderSpec = { kind: 'renewal-setting', ...of, autoRenew: false };

  it('has two outcomes for new commerce: the end, at once, or an extended service term', () => {
    const [ends, extended] = quotedEffects(off, state(), now);
    expect(ends).toMatchObject({
      code: 'ends-with-term',
      detail: expect.stringMatching(/without a grace period/),
    });
    expect(extended).toMatchObject({
      code: 'extended-term',
      at: at('2027-03-01'),
      detail: expect.stringMatching(
        /month by month from 2027-03-01 on, at a higher price, until it is cancelled/,
      ),
    });
  });

  it('names no day at the end of time', () => {
    const [ends] = quotedEffects(off, state({ renewalDate: '9999-12-31', expirationDate: null }), now);
    expect(ends!.at).toBeUndefined();
    expect(ends!.detail).not.toContain('9999');
  });

  it('only ends what is no new commerce', () => {
    const lines = [{ vendor: 'ACRONIS', mpn: 'ACR', cmpProductId: '', seats: 1 }] as never;
    expect(effects(off, state({ lines })).map(([code]) => code)).toEqual(['ends-with-term']);
  });
});

it('in an extended service term no window is told of, because there is none', () => {
  const codes = (spec: OrderSpec) => quotedEffects(spec, state(), now, true).map(({ code }) => code);
  expect(codes({ kind: 'cancel', ...of })).toEqual(['ends-at-once']);
  expect(codes(change(3))).toEqual(['extended-term']);
});
