import { describeWait } from '../order-events.ts';
import { type CreateSpec, newOrder, type OrderRecord } from '../order.ts';
import { IllegalOrderAction } from '../order-lifecycle.ts';
import {
  nextStep,
  requestWithdrawal,
  stopForRemovedConnector,
  stopForTransfer,
} from '../protocol/order-policy.ts';
import { defaultRetryPolicy as retryPolicy } from '../protocol/retry-policy.ts';
import { applyOutcome } from '../protocol/step-outcomes.ts';
import { approve, expireApproval, holdForApproval, orderHash, reject } from './approval.ts';

const day = 86_400_000;
const now = Date.parse('2026-12-01T00:00:00Z');
const owner = { connectorId: 'c', subscriptionId: null, requestedBy: 'ann' };
const spec: CreateSpec = {
  ...{ kind: 'create', cmpAccountId: '1', seats: 600 },
  parameters: [{ name: 'microsoft_domain', value: 'x.onmicrosoft.com' }],
  product: { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LCHC:0002' },
};
const consent = { highestTotal: { amount: '10.00', currency: 'USD' }, extraProducts: [] };
const planned = newOrder('0b0e6d38-9f1c-4b1e-8a3e-0f7c6f0f6f01', spec, consent, now);
const limit = { limit: 'seats', from: 250, value: '600', detail: 'it adds 600 seats (limit 250)' } as const;
const held = holdForApproval(planned, owner, { reached: [limit], approvalDays: 7 }, now);
const { hash } = held.approval!;
const step = (order: OrderRecord, at: number) => nextStep(order, at, retryPolicy);

it('holds an order until it expires, and says why, until when and who can decide', () => {
  expect(held).toMatchObject({
    status: 'awaiting-approval',
    nextStepAt: now + 7 * day,
    approval: { expiresAt: now + 7 * day },
    reason: { code: 'approval-needed', detail: expect.stringContaining('it adds 600 seats (limit 250)') },
  });
  expect(held.reason!.nextStep).toContain('other than ann');
  expect([step(held, now + 7 * day - 1), step(held, now + 7 * day)]).toEqual(['none', 'expire']);
  expect(expireApproval(held, now + 7 * day)).toMatchObject({
    ...{ status: 'refused', reason: { code: 'approval-expired' }, attempts: 0 },
  });
});

it('is approved by another person than requested it, once, and then checked and sent like any other', () => {
  expect(() => approve(held, owner, { by: 'ann', hash }, now)).toThrow('requested by you');
  const of = { ...owner, requestedBy: 'josé@x.example' };
  const jose = holdForApproval(planned, of, { reached: [limit], approvalDays: 7 }, now);
  for (const by of ['JOSÉ@x.example', 'jose\u0301@x.example', 'ｊosé@x.example'])
    expect(() => approve(jose, of, { by, hash: jose.approval!.hash }, now)).toThrow('requested by you');
  const approved = approve(held, owner, { by: 'bob', hash }, now + day);
  expect(approved).toMatchObject({
    ...{ status: 'planned', reason: null, nextStepAt: now + day },
    approval: { decided: { outcome: 'approved', by: 'bob', at: now + day } },
  });
  expect(step(approved, now + day)).toBe('check');
  expect(() => approve(approved, owner, { by: 'eve', hash }, now + day)).toThrow(IllegalOrderAction);
  expect(() => approve(held, owner, { by: 'bob', hash }, now + 7 * day)).toThrow('could be approved');
});

it('has its time to be carried out, and its price, from the day it was approved', () => {
  const total = { amount: '5.00', currency: 'USD' as never };
  const terms = { term: null, billingPeriod: null, unitPrice: null, tolerancePercent: 0, oneDay: null };
  const quoted: OrderRecord = { ...planned, terms: { ...terms, total, totalFrom: 'quote' } };
  const late = holdForApproval(quoted, owner, { reached: [limit], approvalDays: 90 }, now);
  const own = { by: 'bob', hash: late.approval!.hash };
  const approved = approve(late, owner, own, now + 60 * day);
  expect(approved).toMatchObject({ consent, terms: { total, totalFrom: 'estimate' } });

  const paused = { observed: 'call-failed', paused: true, retryAfter: null } as const;
  const why = { code: 'connector-paused', detail: 'It is paused.', nextStep: 'Resume it.' };
  const after = (at: number) =>
    applyOutcome(approved, { ...paused, reason: why }, { now: at, retryPolicy, longestSeen: 0 }).status;
  const { confirmWithin } = retryPolicy;
  expect(after(now + 60 * day + confirmWithin - 1)).toBe('planned');
  expect(after(now + 60 * day + confirmWithin)).not.toBe('planned');
  const facts = { cause: 'connector-paused', pause: null, ahead: null, renewalDate: null } as const;
  const until = Date.parse(describeWait(approved, facts, retryPolicy).until!);
  expect(until).toBe(now + 60 * day + confirmWithin);
});

it('is rejected with a reason', () => {
  const rejected = reject(held, owner, { by: 'bob', hash, because: 'Nobody needs 600.' }, now);
  expect(rejected).toMatchObject({
    ...{ status: 'refused', approval: { decided: { outcome: 'rejected', by: 'bob' } } },
    reason: { code: 'approval-rejected', detail: 'bob rejected it: Nobody needs 600.' },
  });
});

it.each<[string, Partial<OrderRecord>, Partial<typeof owner>]>([
  ['seats', { spec: { ...spec, seats: 601 } }, {}],
  ['account', { spec: { ...spec, cmpAccountId: '2' } }, {}],
  ['product', { spec: { ...spec, product: { ...spec.product, cmpProductId: 'P2' } } }, {}],
  ['parameters', { spec: { ...spec, parameters: [] } }, {}],
  ['highest price', { consent: { ...consent, highestTotal: null } }, {}],
  ['loss that is allowed', { consent: { ...consent, dropScheduledChanges: true } }, {}],
  ['order', { id: '0b0e6d38-9f1c-4b1e-8a3e-0f7c6f0f6f02' }, {}],
  ['connector', {}, { connectorId: 'd' }],
  ['requester', {}, { requestedBy: 'eve' }],
])('is not approved or rejected with another %s than was seen', (_, more, other) => {
  const changed = { ...held, ...more };
  const of = { ...owner, ...other };
  expect(orderHash(changed, of)).not.toBe(hash);
  expect(() => approve(changed, of, { by: 'bob', hash }, now)).toThrow('not that of the content');
  expect(() => reject(changed, of, { by: 'bob', hash, because: 'no' }, now)).toThrow(
    'not that of the content',
  );
  // Not even with a hash that fits what is stored by now.
  const fitting = { by: 'bob', hash: orderHash(changed, of) };
  expect(() => approve(changed, of, fitting, now)).toThrow('not that of the content');
});

it('has the same hash however its content is written down', () => {
  const stored = JSON.parse(JSON.stringify(held)) as OrderRecord;
  const turned = { ...stored, spec: Object.fromEntries(Object.entries(stored.spec).toReversed()) as never };
  expect(orderHash(turned, owner)).toBe(hash);
});

it('is withdrawn at once, and ends when its connector is removed or its subscription transferred', () => {
  expect(requestWithdrawal(held, now).status).toBe('withdrawn');
  expect(stopForRemovedConnector(held, now)).toMatchObject({
    ...{ status: 'refused', reason: { code: 'connector-removed' } },
  });
  expect(stopForTransfer(held, { from: '1', to: '2' }, now)).toMatchObject({
    ...{ status: 'refused', reason: { code: 'subscription-transferred' } },
  });
});
