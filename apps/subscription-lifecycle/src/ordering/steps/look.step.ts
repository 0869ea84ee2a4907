import { readListing, unreadFact } from '@isthmus/cmp-client';
import type { Evidence } from '../../domain/order/evidence.ts';
import type { OrderRecord } from '../../domain/order/order-record.ts';
import { seeOrder } from '../../domain/order/see-order.ts';
import { cmpTypeOf, mayBeOurs, type Likeness } from '../../domain/order/same-order.ts';
import type { CmpOrdering } from '../cmp-ordering.ts';
import type { OrderingPorts } from '../ordering-ports.ts';
import type { OrderingRules } from '../ordering-rules.ts';
import { reason } from '../../domain/order/order-reason.ts';
import { renewalEffect } from './reread.step.ts';
import { note } from './note.ts';
import type { StepAction } from './step.ts';

/** Looks for an order that may be at CMP: the customer's orders since it was sent, then each that it could be. */
export const look: StepAction = async (held, ports, cmp) => {
  const { order } = held;
  const since = ports.clock.now();
  if (order.ask.kind === 'renewal-setting') {
    const effect = await renewalEffect(order, cmp, ports);
    return note(held, effect === null ? { saw: 'carried-out' } : { saw: 'absent', since }, ports);
  }
  const evidence = await search(order, order.ask.kind, ports, cmp);
  const shownAt = evidence.saw === 'found' ? evidence.order.createdAt : null;
  const shownAfter = shownAt === null ? undefined : Math.max(0, shownAt - (order.firstSentAt ?? shownAt));
  return note(held, evidence, ports, { shownAfter });
};

async function search(
  order: OrderRecord,
  kind: keyof typeof cmpTypeOf,
  { rules, clock }: OrderingPorts,
  cmp: CmpOrdering,
): Promise<Evidence> {
  const since = clock.now();
  const from = (order.firstSentAt ?? order.askedAt) - rules.patience.clockSkew;
  const { rows, incomplete } = await ordersSince(order.ask.cmpAccountId, from, cmp, rules.listing);
  const likenesses: { likeness: Likeness; detail: Awaited<ReturnType<typeof cmp.orders.get>> }[] = [];
  let unreadable: string | null = null;
  for (const row of rows.filter(({ type }) => type === cmpTypeOf[kind] || type === 'unknown')) {
    const detail = await cmp.orders.get(row.id);
    const unread = unreadFact(detail);
    if (unread === undefined)
      likenesses.push({ likeness: rules.likeness(order, detail, rules.patience.clockSkew), detail });
    // Nobody may conclude from it that ours is not there.
    else if (mayBeOurs(order, detail)) unreadable = `order ${row.id} cannot be read (${unread})`;
  }
  const ours = likenesses.filter(({ likeness }) => likeness.is === 'ours');
  if (ours.length > 1) return { saw: 'several', cmpOrderIds: ours.map(({ detail }) => detail.id) };
  if (ours[0]) return { saw: 'found', order: seeOrder(order.ask, ours[0].detail, rules.signs) };
  for (const { likeness, detail } of likenesses)
    if (likeness.is === 'lookalike') return { saw: 'lookalike', cmpOrderId: detail.id, why: likeness.why };
  if (unreadable !== null)
    return { saw: 'call-failed', reason: notComplete('order-unreadable', unreadable), retryAfter: null };
  if (incomplete === null || rules.trustsIncompleteListings) return { saw: 'absent', since };
  return { saw: 'call-failed', reason: notComplete('listing-incomplete', incomplete), retryAfter: null };
}

const notComplete = (code: string, why: string) =>
  reason(code, `CMP's list of orders was not complete: ${why}.`, 'Wait: it is read again by itself.');

/** What a list tells of an order; of one whose row cannot be read, that it has to be looked at by itself. */
interface ListedOrder {
  id: string;
  type: string;
}

/** CMP may ignore the time filter in silence, so that older rows are left out here too. */
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
      else if (!record.ok) unreadable = `an order without id cannot be read (${record.field})`;
      else if (Date.parse(record.value.creationDate) >= from) rows.set(record.id, record.value);
    }
  }
}
