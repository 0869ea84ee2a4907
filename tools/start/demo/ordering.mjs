import { setTimeout as sleep } from 'node:timers/promises';
import { orderAndFollow } from './follow-order.mjs';
import { syncAndFinish } from './sync.mjs';

const productName = 'Microsoft 365 Business Premium';
const seenWithinMs = 20_000;

/** Work 365 knows a part number; CMP wants exactly one product. */
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

export async function buy(story, connector, account, product) {
  const { accountSync, lifecycle, say, signal } = story;
  say('10. Buy 5 seats of it for the linked account');
  // The parameters that Microsoft wants follow from the product and the account's domain.
  const wanted = { kind: 'create', providerAccountId: account.id, ...product, seats: 5 };
  const { cmpSubscriptionId } = await orderAndFollow(story, connector, wanted);
  await syncSubscriptions(accountSync, connector, account, signal);
  const bought = await seen(lifecycle, account, cmpSubscriptionId, seats(5));
  say(
    `   ${bought.name}: ${bought.lines[0].quantity} seats, ${bought.status}, renews ${bought.renewalDate}.\n`,
  );
  return bought;
}

export async function increase(story, connector, account, subscription) {
  story.say('11. Increase it to 8 seats; a change names the new total');
  await change(story, connector, account, subscription, 8);
}

export async function decrease(story, connector, account, subscription) {
  const { lifecycle, say } = story;
  say('12. Decrease it to 6 seats, which is possible in the first week of those seats only');
  const options = await lifecycle.get(`/v1/subscriptions/${subscription.id}/options`);
  say(`   Up to ${options.decrease.seats} seats can be given back, until ${options.decrease.until}.`);
  await change(story, connector, account, subscription, 6);
}

export async function cancel(story, connector, account, subscription) {
  const { accountSync, lifecycle, say, signal } = story;
  say('13. Cancel it, in its first week too');
  await orderAndFollow(story, connector, { kind: 'cancel', subscriptionId: subscription.id });
  await syncSubscriptions(accountSync, connector, account, signal);
  const { status } = await seen(lifecycle, account, subscription.cmpSubscriptionId, isOver);
  say(`   ${subscription.name}: ${status}.\n`);
}

async function change(story, connector, account, { id, cmpSubscriptionId }, total) {
  const { accountSync, lifecycle, say, signal } = story;
  await orderAndFollow(story, connector, { kind: 'change-quantity', subscriptionId: id, seats: total });
  await syncSubscriptions(accountSync, connector, account, signal);
  const { seatLots } = await seen(lifecycle, account, cmpSubscriptionId, seats(total));
  const lots = (seatLots ?? []).map((lot) => `${lot.seats} since ${lot.addedAt}`);
  say(`   Its seats: ${lots.join(', ')}.\n`);
}

const syncSubscriptions = (accountSync, { id: connectorId }, account, signal) =>
  syncAndFinish(accountSync, { connectorId, scope: 'subscriptions', providerAccountId: account.id }, signal);

const seats = (total) => (subscription) => subscription.lines[0]?.quantity === total;
const isOver = ({ status }) => status === 'terminated' || status === 'removed';

/** The subscription as agreed, once the news of it have arrived. */
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
        `Subscription ${cmpSubscriptionId} has not been heard of as ordered: ${JSON.stringify(found)}`,
      );
    await sleep(50);
  }
}
