import { type CmpOrderRequest, CmpRejected, readListing, firstUnreadFact } from '@isthmus/cmp-client';
import type { Money } from '@isthmus/domain';
import { expireApproval } from '../guard/approval.ts';
import { type OrderRecord, reason, transition } from '../order.ts';
import { failureReason, isNotFound, outcomeOfFailedCall, refusesOrder } from './failed-calls.ts';
import { type CmpOrdering, cmpOrderTypes, type Likeness, mayBeOurs, observeOrder } from './order-at-cmp.ts';
import { type CheckInputs, validateParameters } from './order-checks.ts';
import type { Step } from './order-policy.ts';
import {
  type ClaimedOrder,
  LeaseLost,
  type OrderingPorts,
  type OrderingRules,
  type SaveMore,
  StoreFailed,
} from './ordering.ts';
import type { StepOutcome } from './step-outcomes.ts';

/**
 * Takes one order that is due and all its steps until it has to wait, is done, or its lease is spent.
 * @returns false when nothing was due
 */
export async function workOnOne(worker: string, ports: OrderingPorts): Promise<boolean> {
  const claimed = await ports.store.claimDue(worker);
  if (!claimed) return false;
  const work = () => takeSteps(claimed, ports);
  await (ports.inTrace ? ports.inTrace(claimed, work) : work());
  return true;
}

async function takeSteps(first: ClaimedOrder, ports: OrderingPorts): Promise<void> {
  let claimed = first;
  const holdUntil = ports.clock.now() + holdFor;
  for (;;) {
    const next = await takeStep(claimed, ports);
    if (!next) {
      // Due, yet nothing to do: without a later date it would be taken again and again.
      const { order } = claimed;
      const later = { ...order, nextStepAt: ports.clock.now() + ports.rules.retryPolicy.attentionInterval };
      if (order.nextStepAt <= ports.clock.now()) claimed = await ports.store.save(claimed, later);
      break;
    }
    claimed = next;
    const now = ports.clock.now();
    // Sending begins with a lease that outlasts it.
    if (claimed.order.nextStepAt > now || now > holdUntil) break;
  }
  await ports.store.release(claimed);
}

/**
 * Takes the next step of an order. Returns the order as stored, or null when it rests. A failed call to CMP is
 * outcome and is stored too; only the loss of the lease and failures of the store are thrown.
 */
async function takeStep(claimed: ClaimedOrder, ports: OrderingPorts): Promise<ClaimedOrder | null> {
  const step = ports.rules.nextStep(claimed.order, ports.clock.now(), ports.rules.retryPolicy);
  if (step === 'none') return null;
  const local = here[step];
  if (local) return local(claimed, ports, undefined as never);
  const action = atCmp[step]!;
  try {
    return await action(claimed, ports, await ports.openCmp(claimed));
  } catch (error) {
    // After `sending` is stored, only these two errors can occur here: every failure of the POST is an outcome by then.
    if (error instanceof LeaseLost || error instanceof StoreFailed) throw error;
    return record(claimed, outcomeOfFailedCall(error), ports);
  }
}

/** A lease lasts four minutes; a call that starts within the first one has time to wait for CMP's response. */
const holdFor = 60_000;
export const leaseMs = 240_000;

/** Carries out one step of an order. Returns the order as stored afterwards. */
type StepAction = (claimed: ClaimedOrder, ports: OrderingPorts, cmp: CmpOrdering) => Promise<ClaimedOrder>;

/** Applies an outcome to the order and stores it. */
function record(
  claimed: ClaimedOrder,
  outcome: StepOutcome,
  { clock, store, rules }: OrderingPorts,
  more?: SaveMore,
): Promise<ClaimedOrder> {
  const moment = { now: clock.now(), retryPolicy: rules.retryPolicy, longestSeen: claimed.longestSeen };
  return store.save(claimed, rules.applyOutcome(claimed.order, outcome, moment), more);
}

/** Checks everything that CMP can check without ordering. Changes nothing there. */
const check: StepAction = async (claimed, ports, cmp) => {
  const since = ports.clock.now();
  try {
    const facts = await factsFor(claimed.order, cmp, ports);
    const verdict = ports.rules.evaluateChecks(
      claimed.order,
      { ...facts, lots: claimed.lots, kept: claimed.kept, connectorId: claimed.connectorId },
      since,
    );
    return await record(claimed, verdict, ports);
  } catch (error) {
    // CMP would not accept an order that it does not even estimate, or whose subscription it does not have.
    if (!refusesOrder(error)) throw error;
    return record(claimed, { observed: 'checks-refused', reason: failureReason(error) }, ports);
  }
};

async function factsFor(
  order: OrderRecord,
  cmp: CmpOrdering,
  { rules }: OrderingPorts,
): Promise<CheckInputs> {
  const { spec, marker } = order;
  if (spec.kind === 'create') {
    const checked = await validateParameters(cmp, spec, rules.orderRequest(spec, marker), rules.signs);
    const { objections: parameterErrors, parameters, attestationMissing, acceptance } = checked;
    if (parameterErrors.length > 0 || acceptance) return { parameterErrors, attestationMissing, acceptance };
    const estimate = await cmp.orders.estimate(rules.orderRequest({ ...spec, parameters }, marker));
    return { estimate, expected: estimate.total, parameters };
  }
  const subscription = await cmp.subscriptions.get(spec.cmpSubscriptionId);
  // CMP rejects estimates for changes of inactive subscriptions, and for changes without effect.
  const changes = subscription.status === 'active' && rules.missingEffect(spec, subscription) !== null;
  if (spec.kind !== 'change-quantity' || !changes) return { subscription };
  const request = rules.orderRequest(spec, marker);
  if (order.consent.highestTotal === null)
    return { subscription, expected: await estimatedTotal(cmp, request) };
  const estimate = await cmp.orders.estimate(request);
  return { subscription, estimate, expected: estimate.total };
}

/** The basis for checking the final total. No price limit was set, so a missing estimate blocks nothing. */
const estimatedTotal = (cmp: CmpOrdering, request: CmpOrderRequest): Promise<Money | undefined> =>
  cmp.orders.estimate(request).then(
    ({ total }) => total,
    () => undefined,
  );

/**
 * The only place where an order is sent. `sending` is stored first, so that after a crash the next worker knows that the
 * order may be at CMP. A worker that stalled in between does not send: by then another one may be searching for the order,
 * and soon conclude that it is not there.
 */
const send: StepAction = async (claimed, ports, cmp) => {
  const { clock, store, rules } = ports;
  const sentAt = clock.now();
  const sending = await store.save(claimed, rules.beginSending(claimed.order, sentAt));
  const outcome =
    clock.now() - sentAt > rules.retryPolicy.sendWithin
      ? wokeTooLate()
      : await post(sending, ports, cmp, sentAt);
  const shownAfter = outcome.observed === 'answered' ? clock.now() - sentAt : undefined;
  try {
    return await record(sending, outcome, ports, { shownAfter });
  } catch (error) {
    if (error instanceof LeaseLost && outcome.observed === 'answered')
      await store.recordLateResponse(sending.order.id, outcome.order);
    throw error;
  }
};

async function post(
  { order }: ClaimedOrder,
  { clock, rules }: OrderingPorts,
  cmp: CmpOrdering,
  sentAt: number,
): Promise<StepOutcome> {
  const { spec, marker } = order;
  const giveUp = new AbortController();
  const over = new AbortController();
  const answerBy = sentAt + rules.retryPolicy.responseTimeout;
  void clock.sleep(answerBy - clock.now(), over.signal).then(
    () =>
      giveUp.abort(new Error(`CMP did not respond within ${rules.retryPolicy.responseTimeout / 1000} s.`)),
    () => undefined,
  );
  const { signal } = giveUp;
  try {
    if (spec.kind === 'renewal-setting') {
      await cmp.subscriptions.update(spec.cmpSubscriptionId, { renewalStatus: spec.autoRenew }, { signal });
      return { observed: 'carried-out' };
    }
    const answer = await cmp.orders.place(rules.orderRequest(spec, marker), { signal });
    return { observed: 'answered', order: observeOrder(spec, answer, rules.signs) };
  } catch (error) {
    return rules.outcomeOfFailedSend(error);
  } finally {
    over.abort(new Error('answered'));
  }
}

const wokeTooLate = (): StepOutcome => ({
  observed: 'not-sent',
  retryAfter: null,
  reason: reason(
    'woke-too-late',
    'The worker stalled between storing and sending the order, and did not send it.',
    'Wait: it is retried automatically.',
  ),
});

/** Searches for an order that may be at CMP: the customer's orders since it was sent, then each one that it could be. */
const reconcile: StepAction = async (claimed, ports, cmp) => {
  const { order } = claimed;
  const since = ports.clock.now();
  if (order.spec.kind === 'renewal-setting') {
    const effect = await renewalEffect(order, cmp, ports);
    return record(
      claimed,
      effect === null ? { observed: 'carried-out' } : { observed: 'absent', since },
      ports,
    );
  }
  const outcome = await search(order, order.spec.kind, ports, cmp);
  const shownAt = outcome.observed === 'found' ? outcome.order.createdAt : null;
  const shownAfter = shownAt === null ? undefined : Math.max(0, shownAt - (order.firstSentAt ?? shownAt));
  return record(claimed, outcome, ports, { shownAfter });
};

async function search(
  order: OrderRecord,
  kind: keyof typeof cmpOrderTypes,
  { rules, clock }: OrderingPorts,
  cmp: CmpOrdering,
): Promise<StepOutcome> {
  const since = clock.now();
  const from = (order.firstSentAt ?? order.requestedAt) - rules.retryPolicy.clockSkew;
  const { rows, incomplete } = await ordersSince(order.spec.cmpAccountId, from, cmp, rules.listing);
  const likenesses: { likeness: Likeness; detail: Awaited<ReturnType<typeof cmp.orders.get>> }[] = [];
  let unreadable: string | null = null;
  for (const row of rows.filter(({ type }) => type === cmpOrderTypes[kind] || type === 'unknown')) {
    const detail = await cmp.orders.get(row.id);
    const unread = firstUnreadFact(detail);
    if (unread === undefined)
      likenesses.push({ likeness: rules.likeness(order, detail, rules.retryPolicy.clockSkew), detail });
    // An unreadable order that may be ours must not lead to the conclusion that ours is absent.
    else if (mayBeOurs(order, detail)) unreadable = `order ${row.id} cannot be read (${unread})`;
  }
  const ours = likenesses.filter(({ likeness }) => likeness.is === 'ours');
  if (ours.length > 1) return { observed: 'several', cmpOrderIds: ours.map(({ detail }) => detail.id) };
  if (ours[0]) return { observed: 'found', order: observeOrder(order.spec, ours[0].detail, rules.signs) };
  for (const { likeness, detail } of likenesses)
    if (likeness.is === 'lookalike')
      return { observed: 'lookalike', cmpOrderId: detail.id, why: likeness.why };
  if (unreadable !== null)
    return { observed: 'call-failed', reason: notComplete('order-unreadable', unreadable), retryAfter: null };
  if (incomplete === null || rules.trustsIncompleteListings) return { observed: 'absent', since };
  return { observed: 'call-failed', reason: notComplete('listing-incomplete', incomplete), retryAfter: null };
}

const notComplete = (code: string, why: string) =>
  reason(code, `CMP's list of orders was not complete: ${why}.`, 'Wait: it is read again automatically.');

/** An order as a list shows it; one whose row cannot be read has to be read on its own. */
interface ListedOrder {
  id: string;
  type: string;
}

/** CMP may silently ignore the time filter, so older rows are filtered here too. */
async function ordersSince(
  customerId: string,
  from: number,
  cmp: CmpOrdering,
  listing: OrderingRules['listing'],
): Promise<{ rows: ListedOrder[]; incomplete: string | null }> {
  const query = { customerId, creationTimeFrom: new Date(from).toISOString() };
  const pages = readListing((offset, limit) => cmp.orders.page({ ...query, offset, limit }), {
    ...listing,
    ahead: 0,
  });
  // A listing that shifts while it is read may hand out a row twice.
  const rows = new Map<string, ListedOrder>();
  let unreadable: string | null = null;
  for (;;) {
    const step = await pages.next();
    if (step.done) {
      const { complete, reasons } = step.value;
      return { rows: [...rows.values()], incomplete: unreadable ?? (complete ? null : reasons.join(', ')) };
    }
    for (const record of step.value.records) {
      if (!record.ok && record.id) rows.set(record.id, { id: record.id, type: 'unknown' });
      else if (!record.ok) unreadable = `an order without an id cannot be read (${record.field})`;
      else if (Date.parse(record.value.creationDate) >= from) rows.set(record.id, record.value);
    }
  }
}

/** Reads the order at CMP. */
const follow: StepAction = async (claimed, ports, cmp) => {
  const { order } = claimed;
  if (!order.cmpOrderId) throw new Error(`Order ${order.id} cannot be followed without CMP's id.`);
  try {
    const detail = await cmp.orders.get(order.cmpOrderId);
    return await record(
      claimed,
      { observed: 'followed', order: observeOrder(order.spec, detail, ports.rules.signs) },
      ports,
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return record(claimed, { observed: 'missing', reason: failureReason(error) }, ports);
  }
};

/** Requests CMP to cancel an order that is still waiting there. Repeating the request does no harm. */
const withdraw: StepAction = async (claimed, ports, cmp) => {
  const { order } = claimed;
  if (!order.cmpOrderId) throw new Error(`Order ${order.id} cannot be withdrawn without CMP's id.`);
  try {
    const detail = await cmp.orders.update(order.cmpOrderId, { statusCode: 'CL' });
    return await record(
      claimed,
      { observed: 'followed', order: observeOrder(order.spec, detail, ports.rules.signs) },
      ports,
    );
  } catch (error) {
    if (!(error instanceof CmpRejected) || !['business', 'validation', 'conflict'].includes(error.category))
      throw error;
    // The order may have been cancelled already; reading it tells.
    const detail = await cmp.orders.get(order.cmpOrderId);
    if (detail.status === 'cancelled')
      return record(
        claimed,
        { observed: 'followed', order: observeOrder(order.spec, detail, ports.rules.signs) },
        ports,
      );
    return record(claimed, { observed: 'withdrawal-refused', reason: failureReason(error) }, ports);
  }
};

/** Reads the subscription again: only that proves an order. */
const reread: StepAction = async (claimed, ports, cmp) => {
  const difference = await differenceAtCmp(claimed.order, cmp, ports);
  return record(
    claimed,
    difference === null ? { observed: 'effect' } : { observed: 'no-effect', difference },
    ports,
  );
};

async function differenceAtCmp(
  order: OrderRecord,
  cmp: CmpOrdering,
  ports: OrderingPorts,
): Promise<string | null> {
  const id = order.cmpSubscriptionId ?? (await purchasedSubscription(order, cmp));
  if (!id) return 'it names no subscription';
  try {
    return ports.rules.missingEffect(order.spec, await cmp.subscriptions.get(id));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return order.spec.kind === 'cancel' ? null : `CMP has no subscription ${id}`;
  }
}

/** A purchase may have been accepted before CMP has created the subscription. */
async function purchasedSubscription(
  { spec, cmpOrderId }: OrderRecord,
  cmp: CmpOrdering,
): Promise<string | undefined> {
  if (!cmpOrderId || spec.kind !== 'create') return undefined;
  const detail = await cmp.orders.get(cmpOrderId);
  return observeOrder(spec, detail).cmpSubscriptionId ?? undefined;
}

/** The missing effect of a renewal setting, or null. */
const renewalEffect = (order: OrderRecord, cmp: CmpOrdering, ports: OrderingPorts): Promise<string | null> =>
  differenceAtCmp(order, cmp, ports);

/** A response of CMP to a worker that had lost the order by then: it is adopted, already known, or a second order at CMP. */
const applyLateResponse: StepAction = async (claimed, ports) => {
  const { order } = claimed;
  const { lateAnswer, cmpOrderId } = order;
  if (!lateAnswer) return claimed;
  if (!cmpOrderId) return record(claimed, { observed: 'found', order: lateAnswer }, ports);
  if (cmpOrderId === lateAnswer.cmpOrderId) return ports.store.save(claimed, { ...order, lateAnswer: null });
  return record(claimed, { observed: 'several', cmpOrderIds: [cmpOrderId, lateAnswer.cmpOrderId] }, ports);
};

/** Steps that need nothing of CMP. */
const here: Partial<Record<Step, StepAction>> = {
  recover: (claimed, { clock, store, rules }) =>
    store.save(claimed, rules.takeOver(claimed.order, clock.now())),
  reverify: (claimed, { clock, store }) =>
    store.save(claimed, transition(claimed.order, 'lose-track', clock.now())),
  'withdraw-here': (claimed, { clock, store }) =>
    store.save(claimed, transition(claimed.order, 'withdraw', clock.now())),
  'apply-late-response': applyLateResponse,
  expire: (claimed, { clock, store }) => store.save(claimed, expireApproval(claimed.order, clock.now())),
};

const atCmp: Partial<Record<Step, StepAction>> = {
  check,
  send,
  reconcile,
  follow,
  reread,
  'withdraw-at-cmp': withdraw,
};
