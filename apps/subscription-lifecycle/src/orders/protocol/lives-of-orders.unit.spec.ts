import fc from 'fast-check';
import { approve, expireApproval, holdForApproval } from '../guard/approval.ts';
import {
  IllegalOrderAction,
  isFinal,
  orderLifecycle,
  type OrderStatus,
  orderStatuses,
} from '../order-lifecycle.ts';
import { newOrder, type OrderRecord, type OrderSpec, reason, transition } from '../order.ts';
import {
  beginSending,
  nextStep,
  requestWithdrawal,
  resolve,
  retry,
  type Step,
  takeOver,
} from './order-policy.ts';
import { defaultRetryPolicy } from './retry-policy.ts';
import { applyOutcome, type StepOutcome } from './step-outcomes.ts';

/** With so little of it every status is reached within sixty steps. */
const retryPolicy = { ...defaultRetryPolicy, rereadsBeforeDisproof: 2, retriesBeforeAlarm: 3 };
const why = reason('x', 'something', 'wait');
const of = { cmpAccountId: '1', cmpSubscriptionId: '2' };
const product = { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001' };
const specs: OrderSpec[] = [
  { kind: 'create', cmpAccountId: '1', product, seats: 5, parameters: [] },
  { kind: 'change-quantity', ...of, product, seats: 5, when: 'now' },
  { kind: 'change-quantity', ...of, product, seats: 5, when: 'renewal' },
  { kind: 'cancel', ...of },
  { kind: 'renewal-setting', ...of, autoRenew: false },
];
const seen = (status: string, id = '9') => ({
  cmpOrderId: id,
  cmpOrderNumber: null,
  status,
  statusCode: null,
  cmpSubscriptionId: null,
  createdAt: null,
});
const failed: StepOutcome = { observed: 'call-failed', reason: why, retryAfter: null };
const cmpStatuses = ['submitted', 'processing', 'completed', 'error', 'cancelled', 'unknown'];
const followed = cmpStatuses.map((status): StepOutcome => ({ observed: 'followed', order: seen(status) }));

/** All that a step can bring to light, as the steps themselves are written; what leads far more often than the rest. */
function evidences(step: Step | 'sent', { spec }: OrderRecord, now: number): StepOutcome[] {
  const setting = spec.kind === 'renewal-setting';
  switch (step) {
    case 'check':
      return [
        { observed: 'checks-passed', seatsBefore: 3, since: now },
        { observed: 'checks-passed', seatsBefore: 3, since: now },
        { observed: 'checks-passed', seatsBefore: null, since: now - 60_000 },
        ...(spec.kind === 'create' ? [] : [{ observed: 'already-so' as const, detail: 'so' }]),
        { observed: 'checks-refused', reason: why },
        failed,
      ];
    case 'sent':
      return [
        setting ? { observed: 'carried-out' } : { observed: 'answered', order: seen('submitted') },
        { observed: 'refused-by-cmp', reason: why },
        { observed: 'conflict', reason: why },
        { observed: 'not-sent', reason: why, retryAfter: 5_000 },
        ...Array<StepOutcome>(4).fill({ observed: 'no-answer', reason: why, words: null }),
        { observed: 'no-answer', reason: why, words: 'No.' },
      ];
    case 'reconcile':
      return setting
        ? [
            { observed: 'carried-out' },
            ...Array<StepOutcome>(3).fill({ observed: 'absent', since: now }),
            failed,
          ]
        : [
            { observed: 'found', order: seen('processing') },
            { observed: 'absent', since: now },
            { observed: 'several', cmpOrderIds: ['8', '9'] },
            { observed: 'lookalike', cmpOrderId: '8', why: 'alike' },
            failed,
          ];
    case 'follow':
      return [...followed, { observed: 'missing', reason: why }, failed];
    case 'withdraw-at-cmp':
      return [...followed, { observed: 'withdrawal-refused', reason: why }, failed];
    case 'reread':
      return [{ observed: 'effect' }, { observed: 'no-effect', difference: 'differs' }, failed];
    default:
      return [];
  }
}

/** One step of a worker; a crash while sending leaves the order in `sending`. */
function work(order: OrderRecord, pick: number, now: number): OrderRecord {
  const learnt = (from: OrderRecord, step: Step | 'sent'): OrderRecord => {
    const possible = evidences(step, from, now);
    return applyOutcome(from, possible[pick % possible.length]!, { now, retryPolicy, longestSeen: 0 });
  };
  const step = nextStep(order, now, retryPolicy);
  switch (step) {
    case 'none':
      return order;
    case 'send': {
      const sending = beginSending(order, now);
      return pick % 7 === 6 ? sending : learnt(sending, 'sent');
    }
    case 'recover':
      return takeOver(order, now);
    case 'reverify':
      return transition(order, 'lose-track', now);
    case 'withdraw-here':
      return transition(order, 'withdraw', now);
    case 'expire':
      return expireApproval(order, now);
    case 'apply-late-response':
      return order.cmpOrderId === '9'
        ? { ...order, lateAnswer: null }
        : applyOutcome(order, order.cmpOrderId ? several : found, { now, retryPolicy, longestSeen: 0 });
    default:
      return learnt(order, step);
  }
}
const owner = { connectorId: 'c', subscriptionId: null, requestedBy: 'ann' };
const several: StepOutcome = { observed: 'several', cmpOrderIds: ['8', '9'] };
const found: StepOutcome = { observed: 'found', order: seen('processing') };

/** What people and lost workers do at any time; people are refused what the table does not allow. */
const hands: ((order: OrderRecord, now: number) => OrderRecord)[] = [
  requestWithdrawal,
  retry,
  (order, now) => approve(order, owner, { by: 'bob', hash: order.approval?.hash ?? '' }, now),
  (order, now) => resolve(order, { resolve: 'settled', because: 'seen' }, 'me', now),
  (order, now) => resolve(order, { resolve: 'refused', because: 'seen' }, 'me', now),
  (order, now) => resolve(order, { resolve: 'found', cmpOrderId: '8', because: 'seen' }, 'me', now),
  (order) =>
    order.attempts > 0 && order.spec.kind !== 'renewal-setting'
      ? { ...order, lateAnswer: seen('submitted') }
      : order,
];
const byHand = (order: OrderRecord, pick: number, now: number): OrderRecord => {
  try {
    return hands[pick % hands.length]!(order, now);
  } catch (error) {
    if (error instanceof IllegalOrderAction) return order;
    // Its time is over, whatever the order says.
    if ((error as { code?: string }).code === 'order.approval-expired') return order;
    throw error;
  }
};

/** A step makes one move, or two when the order passes through `sending` or `accepted`. */
const moves = (status: OrderStatus): OrderStatus[] => [status, ...Object.values(orderLifecycle[status])];
const within = new Map(orderStatuses.map((status) => [status, new Set(moves(status).flatMap(moves))]));

/** What is wrong with an order, by name. */
function unsound(order: OrderRecord, before: OrderRecord, now: number): string[] {
  const { status, attempts, spec, firstSentAt, lastSentAt } = order;
  const open = !isFinal(status);
  const raised = status === 'needs-attention' || status === 'completed-not-effective';
  const placed = (status === 'accepted' || status === 'scheduled') && spec.kind !== 'renewal-setting';
  const rules = {
    'a move that the table does not have': within.get(before.status)!.has(status),
    'finished and open': (order.finishedAt !== null) === isFinal(status),
    'more attempts than allowed': attempts <= order.attemptsAllowed,
    'sent first, but never last': (firstSentAt === null) === (lastSentAt === null),
    'sent last before first': (firstSentAt ?? 0) <= (lastSentAt ?? 0),
    'being sent without an attempt': status !== 'sending' || (attempts > 0 && lastSentAt !== null),
    'accepted without an order at CMP': !placed || order.cmpOrderId !== null,
    'to be proven before it is completed': status !== 'proving' || order.completedAt !== null,
    forgotten:
      !open ||
      status === 'needs-attention' ||
      nextStep(order, Math.max(now, order.nextStepAt), retryPolicy) !== 'none',
    'raised without a reason': !raised || order.reason !== null,
  };
  return Object.entries(rules).flatMap(([name, holds]) =>
    holds ? [] : [`${name}: ${before.status} → ${status}`],
  );
}

const happening = fc.noBias(
  fc.record({
    by: fc.constantFrom('worker', 'worker', 'worker', 'worker', 'hand'),
    pick: fc.nat(1_000),
    after: fc.constantFrom(0, 1_000, 60_000, 1_900_000, 90_000_000),
  }),
);

it('no sequence of what can happen leads an order into a state that cannot be', () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(
      fc.constantFrom(...specs),
      fc.boolean(),
      fc.array(happening, { minLength: 30, maxLength: 60 }),
      (spec, claimed, happenings) => {
        let now = Date.UTC(2026, 5, 1);
        let order = newOrder(
          '0b0e6d38-9f1c-4b1e-8a3e-0f7c6f0f6f01',
          spec,
          { highestTotal: null, extraProducts: [] },
          now,
        );
        if (claimed) order = holdForApproval(order, owner, { reached: [], approvalDays: 7 }, now);
        const problems: string[] = [];
        for (const { by, pick, after } of happenings) {
          now += after;
          const before = order;
          order = by === 'hand' ? byHand(order, pick, now) : work(order, pick, now);
          problems.push(...unsound(order, before, now));
          reached.add(order.status);
        }
        expect(problems).toEqual([]);
      },
    ),
    { numRuns: 2_000 },
  );
  expect([...reached].toSorted()).toEqual([...orderStatuses].toSorted());
});
