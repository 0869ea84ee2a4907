import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { syncAndFinish } from './sync-runs.mjs';

const productName = 'Microsoft 365 Business Premium';
const seenWithinMs = 180_000;

/** Work 365 knows a part number; CMP needs exactly one product. */
export async function resolvePartNumber({ catalogue, say }, connector) {
  say('9. Resolve a part number of Work 365');
  const { data } = await catalogue.get(
    `/v1/products?connectorId=${connector.id}&vendor=MICROSOFT&limit=200&q=${encodeURIComponent(productName)}`,
  );
  const product = data.find(
    ({ name, billingPeriod, term }) => /NCE/.test(name) && billingPeriod === 'P1M' && term === 'P1Y',
  );
  if (!product) throw new Error(`The catalogue has no ${productName} with an annual term, billed monthly.`);
  const { partNumber, billingPeriod, term } = product;
  const place = `connectorId=${connector.id}&billingPeriod=${billingPeriod}&term=${term}`;
  const { outcome, product: found } = await catalogue.get(
    `/v1/part-numbers/${encodeURIComponent(partNumber)}/resolution?${place}`,
  );
  say(`   ${partNumber}, ${billingPeriod} of ${term}: ${outcome}, ${found?.cmpProductId} ${found?.name}.\n`);
  return { partNumber, billingPeriod, term };
}

export async function buy(demo, connector, account, product) {
  const { accountSync, lifecycle, say, signal } = demo;
  say('10. Buy 5 seats of it for the linked account');
  // The parameters that Microsoft requires follow from the product and the account's domain.
  const wanted = { kind: 'create', providerAccountId: account.id, ...product, seats: 5 };
  const { cmpSubscriptionId } = await orderAndFollow(demo, connector, wanted);
  await syncSubscriptions(accountSync, connector, account, signal);
  const bought = await seen(lifecycle, account, cmpSubscriptionId, seats(5));
  say(
    `   ${bought.name}: ${bought.lines[0].quantity} seats, ${bought.status}, renews ${bought.renewalDate}.\n`,
  );
  return bought;
}

export async function increase(demo, connector, account, subscription) {
  demo.say('11. Increase it to 8 seats; a change names the new total');
  await change(demo, connector, account, subscription, 8);
}

export async function decrease(demo, connector, account, subscription) {
  const { lifecycle, say } = demo;
  say('12. Decrease it to 6 seats, which is possible in the first week of those seats only');
  const options = await lifecycle.get(`/v1/subscriptions/${subscription.id}/options`);
  say(`   Up to ${options.decrease.seats} seats can be given back, until ${options.decrease.until}.`);
  await change(demo, connector, account, subscription, 6);
}

export async function cancel(demo, connector, account, subscription) {
  const { accountSync, lifecycle, say, signal } = demo;
  say('13. Cancel it, in its first week too');
  await orderAndFollow(demo, connector, { kind: 'cancel', subscriptionId: subscription.id });
  await syncSubscriptions(accountSync, connector, account, signal);
  const { status } = await seen(lifecycle, account, subscription.cmpSubscriptionId, isOver);
  say(`   ${subscription.name}: ${status}.\n`);
}

async function change(demo, connector, account, { id, cmpSubscriptionId }, total) {
  const { accountSync, lifecycle, say, signal } = demo;
  await orderAndFollow(demo, connector, { kind: 'change-quantity', subscriptionId: id, seats: total });
  await syncSubscriptions(accountSync, connector, account, signal);
  const { seatLots } = await seen(lifecycle, account, cmpSubscriptionId, seats(total));
  const lots = (seatLots ?? []).map((lot) => `${lot.seats} since ${lot.addedAt}`);
  say(`   Its seats: ${lots.join(', ')}.\n`);
}

const syncSubscriptions = (accountSync, { id: connectorId }, account, signal) =>
  syncAndFinish(accountSync, { connectorId, scope: 'subscriptions', providerAccountId: account.id }, signal);

const seats = (total) => (subscription) => subscription.lines[0]?.quantity === total;
const isOver = ({ status }) => status === 'terminated' || status === 'removed';

/** The subscription as agreed, once the events about it have arrived. */
async function seen(lifecycle, account, cmpSubscriptionId, as) {
  const deadline = Date.now() + seenWithinMs;
  for (;;) {
    const { data } = await lifecycle.get(
      `/v1/subscriptions?providerAccountId=${account.id}&ended=include&limit=200`,
    );
    const found = data.find((one) => one.cmpSubscriptionId === cmpSubscriptionId);
    if (found && as(found)) return found;
    if (Date.now() > deadline)
      throw new Error(
        `Subscription ${cmpSubscriptionId} has not become as ordered: ${JSON.stringify(found)}`,
      );
    await sleep(50);
  }
}

const ended = ['settled', 'refused', 'withdrawn', 'completed-not-effective', 'needs-attention'];
const endedWithinMs = 300_000;
/** The time that the simulated CMP needs to carry out an order, and a little more. */
const cmpTakesMs = 1_050;

/**
 * Places an order and follows it until it is settled.
 * @returns the order
 * @throws Error with the order's own explanation if it ends otherwise
 */
export async function orderAndFollow({ lifecycle, accountSync, say, signal }, connector, wanted) {
  const traceId = randomBytes(16).toString('hex');
  const order = await lifecycle.post('/v1/orders', wanted, {
    'idempotency-key': randomUUID(),
    // The caller decides that this order is traced; the trace includes everything done for it later, even calls to CMP and events.
    traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
  });
  say(`   Accepted as order ${order.id}, at CMP ${order.marker}, trace ${traceId}.`);
  const reached = (...statuses) => until(lifecycle, order.id, statuses, signal);
  const sent = await reached('accepted', 'proving', ...ended);
  if (sent.status === 'accepted') {
    await sleep(cmpTakesMs, undefined, { signal });
    // Requested instead of waiting for the next tick: account-sync announces that the order is finished, so that it is followed up.
    await syncAndFinish(accountSync, { connectorId: connector.id, scope: 'orders' }, signal);
  }
  const { status, reason } = await reached(...ended);
  if (status !== 'settled')
    throw new Error(`Order ${order.id} is ${status}. ${reason?.detail} Next: ${reason?.nextStep}`);
  const history = (await lifecycle.get(`/v1/orders/${order.id}`)).history.map((step) => step.status);
  say(`   Settled: ${history.join(' → ')}; the subscription was read again at CMP and is as ordered.`);
  return reached('settled');
}

async function until(lifecycle, id, statuses, signal) {
  const deadline = Date.now() + endedWithinMs;
  for (;;) {
    signal.throwIfAborted();
    const order = await lifecycle.get(`/v1/orders/${id}`);
    if (statuses.includes(order.status)) return order;
    if (Date.now() > deadline)
      throw new Error(`Order ${id} is ${order.status} after ${endedWithinMs / 1000} s.`);
    await sleep(50);
  }
}
