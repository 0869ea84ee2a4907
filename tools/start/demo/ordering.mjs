import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { syncAndFinish } from './sync-runs.mjs';

const productName = 'Microsoft 365 Business Premium';
const seenWithinMs = 180_000;

/** Work 365 knows a part number; CMP needs exactly one product. */
export async function resolvePartNumber({ isthmus, say }, connector) {
  say('9. Resolve a part number of Work 365');
  const { data } = await isthmus.get('/v1/products', {
    query: { connectorId: connector.id, vendor: 'MICROSOFT', limit: 200, q: productName },
  });
  const product = data.find(
    ({ name, billingPeriod, term }) => /NCE/.test(name) && billingPeriod === 'P1M' && term === 'P1Y',
  );
  if (!product) throw new Error(`The catalogue has no ${productName} with an annual term, billed monthly.`);
  const { partNumber, billingPeriod, term } = product;
  const { outcome, product: found } = await isthmus.get('/v1/part-numbers/{partNumber}/resolution', {
    path: { partNumber },
    query: { connectorId: connector.id, billingPeriod, term },
  });
  say(`   ${partNumber}, ${billingPeriod} of ${term}: ${outcome}, ${found?.cmpProductId} ${found?.name}.\n`);
  return { partNumber, billingPeriod, term };
}

export async function buy(demo, connector, account, product) {
  const { isthmus, say, signal } = demo;
  say('10. Buy 5 seats of it for the linked account');
  // The parameters that Microsoft requires follow from the product and the account's domain.
  const wanted = { kind: 'create', providerAccountId: account.id, ...product, seats: 5 };
  const { cmpSubscriptionId } = await orderAndFollow(demo, connector, wanted);
  await syncSubscriptions(isthmus, connector, account, signal);
  const bought = await seen(isthmus, account, cmpSubscriptionId, seats(5));
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
  const { isthmus, say } = demo;
  say('12. Decrease it to 6 seats, which is possible in the first week of those seats only');
  const options = await isthmus.get('/v1/subscriptions/{id}/options', { path: { id: subscription.id } });
  say(`   Up to ${options.decrease.seats} seats can be given back, until ${options.decrease.until}.`);
  await change(demo, connector, account, subscription, 6);
}

export async function cancel(demo, connector, account, subscription) {
  const { isthmus, say, signal } = demo;
  say('13. Cancel it, in its first week too');
  await orderAndFollow(demo, connector, { kind: 'cancel', subscriptionId: subscription.id });
  await syncSubscriptions(isthmus, connector, account, signal);
  const { status } = await seen(isthmus, account, subscription.cmpSubscriptionId, isOver);
  say(`   ${subscription.name}: ${status}.\n`);
}

async function change(demo, connector, account, { id, cmpSubscriptionId }, total) {
  const { isthmus, say, signal } = demo;
  await orderAndFollow(demo, connector, { kind: 'change-quantity', subscriptionId: id, seats: total });
  await syncSubscriptions(isthmus, connector, account, signal);
  const { seatLots } = await seen(isthmus, account, cmpSubscriptionId, seats(total));
  const lots = (seatLots ?? []).map((lot) => `${lot.seats} since ${lot.addedAt}`);
  say(`   Its seats: ${lots.join(', ')}.\n`);
}

const syncSubscriptions = (isthmus, { id: connectorId }, { id: providerAccountId }, signal) =>
  syncAndFinish(isthmus.syncRuns, { connectorId, scope: 'subscriptions', providerAccountId }, signal);

const seats = (total) => (subscription) => subscription.lines[0]?.quantity === total;
const isOver = ({ status }) => status === 'terminated' || status === 'removed';

/** The subscription as agreed, once the events about it have arrived. */
async function seen(isthmus, account, cmpSubscriptionId, as) {
  const deadline = Date.now() + seenWithinMs;
  for (;;) {
    const query = { providerAccountId: account.id, ended: 'include', limit: 200 };
    const { data } = await isthmus.get('/v1/subscriptions', { query });
    const found = data.find((one) => one.cmpSubscriptionId === cmpSubscriptionId);
    if (found && as(found)) return found;
    if (Date.now() > deadline)
      throw new Error(
        `Subscription ${cmpSubscriptionId} has not become as ordered: ${JSON.stringify(found)}`,
      );
    await sleep(50);
  }
}

const endedWithinMs = 300_000;
/** The time that the simulated CMP needs to carry out an order, and a little more. */
const cmpTakesMs = 1_050;
const stillToBeSent = ['planned', 'sending', 'unknown'];

/**
 * Places an order and follows it until it is settled.
 * @returns the order
 * @throws OrderNotSettled with the order's own explanation if it ends otherwise
 */
export async function orderAndFollow({ isthmus, say, signal }, connector, wanted) {
  const traceId = randomBytes(16).toString('hex');
  // The caller decides that this order is traced; the trace includes everything done for it later, even calls to CMP and events.
  const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
  const { id, marker } = await isthmus.orders.place(wanted, { headers });
  say(`   Accepted as order ${id}, at CMP ${marker}, trace ${traceId}.`);
  let status;
  for await ({ status } of isthmus.orders.follow(id, { signal })) if (!stillToBeSent.includes(status)) break;
  if (status === 'accepted') {
    await sleep(cmpTakesMs, undefined, { signal });
    // Requested instead of waiting for the next tick: account-sync announces that the order is finished, so that it is followed up.
    await syncAndFinish(isthmus.syncRuns, { connectorId: connector.id, scope: 'orders' }, signal);
  }
  const order = await isthmus.orders.settled(id, { timeoutMs: endedWithinMs, signal });
  const { history } = await isthmus.get('/v1/orders/{id}', { path: { id } });
  const steps = history.map((step) => step.status).join(' → ');
  say(`   Settled: ${steps}; the subscription was read again at CMP and is as ordered.`);
  return order;
}
