import { type OrderStatus, orderStatuses } from '../orders/order-lifecycle.ts';
import { type OrderSpec, reason } from '../orders/order.ts';
import {
  actionAfter,
  changesAtOnce,
  describeMeaning,
  dropsScheduled,
  IllegalScheduleAction,
  orderFieldsFor,
  type PlannedChange,
  requireAction,
  requireTime,
  scheduledActions,
  scheduledAfter,
  type ScheduledStatus,
  scheduledStatuses,
  scheduleLifecycle,
} from './scheduled-change.ts';

const planned = (more: Partial<PlannedChange>): PlannedChange => ({
  kind: 'change-quantity',
  seats: 12,
  autoRenew: null,
  mpn: null,
  at: 1_000,
  ...more,
});

it.each([
  ['seats at an instant', planned({}), { kind: 'change-quantity', seats: 12, when: 'now' }],
  ['seats of a line', planned({ mpn: 'A' }), { kind: 'change-quantity', seats: 12, when: 'now', mpn: 'A' }],
  [
    'seats at the renewal',
    planned({ at: 'renewal' }),
    { kind: 'change-quantity', seats: 12, when: 'renewal' },
  ],
  ['a cancellation', planned({ kind: 'cancel', seats: null }), { kind: 'cancel' }],
  [
    'a cancellation at the renewal, which CMP cannot keep',
    planned({ kind: 'cancel', seats: null, at: 'renewal' }),
    { kind: 'renewal-setting', autoRenew: false },
  ],
  [
    'a renewal setting',
    planned({ kind: 'renewal-setting', seats: null, autoRenew: true }),
    { kind: 'renewal-setting', autoRenew: true },
  ],
])('%s is ordered as what it means', (_, change, order) => {
  expect(orderFieldsFor(change)).toEqual(order);
});

it('says where something else is done than the words say', () => {
  expect(describeMeaning(planned({ kind: 'cancel', at: 'renewal' }))).toContain(
    'auto-renew is switched off immediately',
  );
  expect(describeMeaning(planned({ kind: 'cancel' }))).toBeNull();
});

it('refuses times that cannot be meant', () => {
  expect(() => requireTime(planned({ at: 1_000 }), 1_000)).toThrow('is in the past');
  expect(() => requireTime(planned({ at: 1_001 }), 1_000)).not.toThrow();
  expect(() => requireTime(planned({ kind: 'renewal-setting', at: 'renewal' }), 0)).toThrow('before');
  expect(() => requireTime(planned({ at: Date.parse('9999-12-31T23:59:59-23:59') }), 0)).toThrow('ten years');
  expect(() => requireTime(planned({ at: 'renewal' }), Number.MAX_SAFE_INTEGER)).not.toThrow();
});

describe('the life of a scheduled change', () => {
  it.each(scheduledStatuses.flatMap((status) => scheduledActions.map((action) => [status, action] as const)))(
    'from %s, "%s" does what the table says and is refused loudly otherwise',
    (status, action) => {
      const next = (scheduleLifecycle[status] as Record<string, ScheduledStatus>)[action];
      expect(scheduledAfter(status, action)).toBe(next);
      if (next) expect(requireAction({ id: 'x', status }, action)).toBe(next);
      else expect(() => requireAction({ id: 'x', status }, action)).toThrow(IllegalScheduleAction);
    },
  );

  it('reaches every status from where it begins, and can end from each', () => {
    const reachedFrom = (start: ScheduledStatus) => {
      const reached = new Set<ScheduledStatus>([start]);
      for (const status of reached)
        for (const next of Object.values(scheduleLifecycle[status])) reached.add(next);
      return reached;
    };
    expect([...reachedFrom('proposed')].toSorted()).toEqual([...scheduledStatuses].toSorted());
    for (const status of scheduledStatuses) expect(reachedFrom(status).has('done')).toBe(true);
  });

  it('is ordered from planned alone, and edited only before it is ordered', () => {
    const allowing = (action: string) =>
      scheduledStatuses.filter((status) => action in scheduleLifecycle[status]);
    expect(allowing('order')).toEqual(['planned']);
    expect(allowing('edit')).toEqual(['proposed', 'planned']);
  });
});

const of = { cmpAccountId: '1', cmpSubscriptionId: '2' };
const change = (when: 'now' | 'renewal'): OrderSpec => ({
  kind: 'change-quantity',
  ...of,
  product: { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001' },
  seats: 3,
  when,
});
const standing = (status: OrderStatus, spec = change('renewal'), code?: string) => ({
  spec,
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
    ['a cancellation', { kind: 'cancel', ...of } as OrderSpec, undefined, true],
    ['a change for the renewal', change('renewal'), undefined, false],
    ['a renewal setting', { kind: 'renewal-setting', ...of, autoRenew: true } as OrderSpec, undefined, false],
    ['one that found everything so already', change('now'), 'already-so', false],
  ])('%s', (_, spec, code, drops) => {
    expect(dropsScheduled(standing('settled', spec, code))).toBe(drops);
    expect(dropsScheduled(standing('accepted', spec, code))).toBe(false);
    if (code === undefined) expect(changesAtOnce({ spec })).toBe(drops);
  });
});
