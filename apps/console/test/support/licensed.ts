import { setTimeout as sleep } from 'node:timers/promises';
import {
  connect,
  type Answer,
  type Connector,
  type Isthmus,
  type Operation,
  type Order,
  type Row,
} from '@isthmus/sdk';
import { connected } from './platform.ts';
import type { Stack } from './stack.ts';

export type Account = Answer<Operation<'get', '/v1/provider-accounts/{id}'>>;
type Product = Row<Operation<'get', '/v1/products'>>;
export type Subscription = Answer<Operation<'get', '/v1/subscriptions/{id}'>>;

/** The platform beside the browser, as somebody with a role. */
export function as(stack: Stack, role: 'admin' | 'operator' | 'viewer'): Isthmus {
  const [tokens] = Object.values(stack.tokens);
  return connect({ baseUrl: stack.services, token: tokens![role]! });
}

const within = 120_000;

export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Not seen in time: ${what}`);
    await sleep(250);
  }
}

/** A customer with a domain, linked and with a contract, a catalogue to buy from; made once for a stack. */
export async function licensed(stack: Stack): Promise<{ connector: Connector; account: Account }> {
  const isthmus = as(stack, 'admin');
  const known = await connected(stack);
  const connectorId = known.id;
  const connector = await isthmus.patch('/v1/connectors/{id}', {
    path: { id: connectorId },
    version: known.version,
    body: { callLimit: { perMinute: 6_000 } },
  });
  const { data: products } = await isthmus.get('/v1/products', { query: { connectorId, limit: 1 } });
  if (products.length === 0) {
    await isthmus.syncRuns.succeeded(
      (await isthmus.syncRuns.start({ connectorId, scope: 'subscriptions' })).id,
    );
    await isthmus.catalogSyncs.succeeded((await isthmus.catalogSyncs.start({ connectorId })).id);
  }
  const account = await until('a customer with subscriptions', async () => {
    const { data } = await isthmus.get('/v1/provider-accounts', { query: { connectorId, limit: 200 } });
    return (
      data.find(({ tenantAccountId }) => tenantAccountId) ??
      data.find(({ status, customDomain, seats }) => status === 'active' && customDomain && seats > 0)
    );
  });
  return {
    connector,
    account: account.tenantAccountId ? account : await linked(isthmus, connector, account),
  };
}

async function linked(isthmus: Isthmus, { currency }: Connector, account: Account): Promise<Account> {
  const tenantAccountId = `W365-${account.cmpAccountId}`;
  await isthmus.put('/v1/tenant-accounts/{id}', {
    path: { id: tenantAccountId },
    body: { name: account.name },
  });
  const done = await isthmus.put('/v1/provider-accounts/{id}/link', {
    path: { id: account.id },
    body: { tenantAccountId },
  });
  const startDate = new Date().toISOString().slice(0, 10);
  await isthmus.post('/v1/billing-contracts', {
    body: { tenantAccountId, name: `${account.name}, monthly`, currency, startDate },
  });
  return done;
}

/** A product that is sold by the seat, for a year, and billed monthly. */
export async function premium(stack: Stack, { connectorId }: Account): Promise<Product> {
  const { data } = await as(stack, 'operator').get('/v1/products', {
    query: { connectorId, vendor: 'MICROSOFT', q: 'Microsoft 365 Business Premium', limit: 200 },
  });
  return data.find(
    ({ name, billingPeriod, term }) => /NCE/.test(name) && billingPeriod === 'P1M' && term === 'P1Y',
  )!;
}

/** A subscription of five seats that were just bought, so that everything may be done with it. */
export async function bought(stack: Stack, account: Account): Promise<Subscription> {
  const isthmus = as(stack, 'operator');
  const { connectorId, id: providerAccountId } = account;
  const { partNumber, billingPeriod, term } = await premium(stack, account);
  const order = await isthmus.orders.place({
    ...{ kind: 'create', providerAccountId, partNumber: partNumber!, seats: 5 },
    ...{ billingPeriod: billingPeriod!, term: term! },
  });
  const { cmpSubscriptionId } = await isthmus.orders.settled(order.id);
  const run = await isthmus.syncRuns.start({ connectorId, scope: 'subscriptions', providerAccountId });
  await isthmus.syncRuns.succeeded(run.id);
  return until(`subscription ${cmpSubscriptionId}`, async () => {
    const query = { providerAccountId, limit: 200 };
    const found = (await isthmus.get('/v1/subscriptions', { query })).data;
    return found.find((one) => one.cmpSubscriptionId === cmpSubscriptionId && one.seats === 5);
  });
}

/** The order once it needs somebody, has ended, or waits for approval. */
export const rested = (isthmus: Isthmus, id: string): Promise<Order> =>
  until(`the end of order ${id}`, async () => {
    const order = await isthmus.get('/v1/orders/{id}', { path: { id } });
    return /^(settled|refused|withdrawn|needs-attention|completed-not-effective|awaiting-approval)$/.test(
      order.status,
    )
      ? order
      : undefined;
  });
