import {
  SubscriptionChangedV1,
  SubscriptionCreatedV1,
  SubscriptionEndedV1,
  type ProviderSubscriptionChangedV1,
  type ProviderSubscriptionEndedV1,
  type SubscriptionFactsV1,
} from '@isthmus/contracts';
import { emitMany, event, type Message, type Statements } from '@isthmus/messaging';
import { defaultContractOf } from './default-contract.ts';
import { observationOf } from './observation.ts';
import { orderBehind } from './order-behind.ts';
import { knownOrders, lockExplanations } from './provider-orders.ts';
import { observe } from '../domain/subscription/observe.ts';
import { observeEnd } from '../domain/subscription/observe-end.ts';
import type { SubscriptionState } from '../domain/subscription/subscription-record.ts';
import { subscriptionColumns, type SubscriptionRow } from './subscription-row.ts';

type News = ProviderSubscriptionChangedV1;

/** Keeps a subscription in step with news of the mirror; older news changes nothing. Says what became of it. */
export async function keepSubscription(client: Statements, news: News, message: Message): Promise<void> {
  const { connectorId, cmpSubscriptionId } = news;
  const atCmp = { tenantId: message.tenantId, connectorId, cmpSubscriptionId };
  const row = await lock(client, news.providerSubscriptionId, message.tenantId);
  if (!row) await lockExplanations(client, atCmp);
  const before = row?.state ?? null;
  const order = row && (await orderBehind(client, row, news));
  const orders = await knownOrders(client, atCmp);
  const observed = observe(before, observationOf(news, message.aggregateVersion), orders);
  if (!observed) return;
  const { state, changes } = observed;
  if (!row) return create(client, news, state, message);
  const version = await storeState(client, row.id, state, undefined);
  if (changes.length === 0) return;
  const source = order ? 'order' : 'cmp';
  await recordHistory(client, message, row.id, source, order?.orderId ?? null, changes);
  const facts = factsOf({ ...row, name: state.name, state }, state.asOf);
  const changed = changes.map(({ fact }) => fact);
  await emitMany(client, [
    event(
      SubscriptionChangedV1,
      { ...facts, changed, source, orderId: order?.orderId },
      meta(message, row.id, version),
    ),
  ]);
}

/**
 * Its last words: over at CMP, or no longer listed.
 * @throws SubscriptionNotKnownYet
 */
export async function endSubscription(
  client: Statements,
  news: ProviderSubscriptionEndedV1,
  message: Message,
): Promise<void> {
  const row = await lock(client, news.providerSubscriptionId, message.tenantId);
  const last = {
    status: news.status,
    providerVersion: message.aggregateVersion,
    asOf: Date.parse(news.asOf),
  };
  const state = observeEnd(news.providerSubscriptionId, row?.state ?? null, last);
  if (!row || !state) return;
  const version = await storeState(client, row.id, state, new Date(news.asOf));
  const change = { fact: 'status', from: row.status, to: `${news.status} (${news.reason})` };
  await recordHistory(client, message, row.id, 'cmp', null, [change]);
  const { connectorId, cmpSubscriptionId, status, asOf } = news;
  const said = { connectorId, subscriptionId: row.id, cmpSubscriptionId, status, asOf };
  await emitMany(client, [event(SubscriptionEndedV1, said, meta(message, row.id, version))]);
}

async function create(
  client: Statements,
  news: News,
  state: SubscriptionState,
  message: Message,
): Promise<void> {
  const billingContractId = news.providerAccountId
    ? await defaultContractOf(client, message.tenantId, news.providerAccountId)
    : null;
  const {
    providerSubscriptionId: id,
    connectorId,
    cmpSubscriptionId,
    cmpAccountId,
    providerAccountId = null,
  } = news;
  await client.query(
    `insert into subscriptions (id, tenant_id, connector_id, cmp_subscription_id, cmp_account_id, provider_account_id, name,
       status, state, billing_contract_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      id,
      message.tenantId,
      connectorId,
      cmpSubscriptionId,
      cmpAccountId,
      providerAccountId,
      state.name,
      state.status,
      JSON.stringify(state),
      billingContractId,
    ],
  );
  await recordHistory(client, message, id, 'cmp', null, [{ fact: 'appeared', from: null, to: state.status }]);
  const facts = factsOf(
    {
      id,
      connectorId,
      cmpSubscriptionId,
      cmpAccountId,
      name: state.name,
      friendlyName: null,
      state,
      billingContractId,
    },
    state.asOf,
  );
  await emitMany(client, [event(SubscriptionCreatedV1, facts, meta(message, id, 1))]);
}

async function lock(client: Statements, id: string, tenantId: string): Promise<SubscriptionRow | undefined> {
  const text = `select ${subscriptionColumns} from subscriptions s where id = $1 and tenant_id = $2 for update`;
  const { rows } = await client.query<SubscriptionRow>(text, [id, tenantId]);
  return rows[0];
}

export async function storeState(
  client: Statements,
  id: string,
  state: SubscriptionState,
  endedAt: Date | null | undefined,
): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `update subscriptions set name = $2, status = $3, state = $4, version = version + 1, look_at = now(),
       ended_at = coalesce($5::timestamptz, case when $3 in ('terminated', 'removed') then ended_at end) where id = $1 returning version`,
    [id, state.name, state.status, JSON.stringify(state), endedAt?.toISOString() ?? null],
  );
  return rows[0]!.version;
}

export async function recordHistory(
  client: Statements,
  { tenantId, correlationId }: Pick<Message, 'tenantId' | 'correlationId'>,
  id: string,
  source: 'cmp' | 'order',
  orderId: string | null,
  changes: object[],
): Promise<void> {
  await client.query(
    `insert into subscription_history (tenant_id, subscription_id, source, by, order_id, correlation_id, changes)
     values ($1, $2, $3, 'account-sync', $4, $5, $6)`,
    [tenantId, id, source, orderId, correlationId, JSON.stringify(changes)],
  );
}

const meta = (cause: Message, aggregateId: string, version: number) => ({
  tenantId: cause.tenantId,
  aggregateId,
  version,
  cause,
});

type Facts = Pick<
  SubscriptionRow,
  | 'id'
  | 'connectorId'
  | 'cmpSubscriptionId'
  | 'cmpAccountId'
  | 'name'
  | 'friendlyName'
  | 'state'
  | 'billingContractId'
>;

/** A subscription in the words of its events. */
export function factsOf(row: Facts, asOf: number): SubscriptionFactsV1 {
  const { status, autoRenew, renewalDate, lines } = row.state;
  return {
    connectorId: row.connectorId,
    subscriptionId: row.id,
    cmpSubscriptionId: row.cmpSubscriptionId,
    cmpAccountId: row.cmpAccountId,
    name: row.name,
    friendlyName: row.friendlyName ?? undefined,
    status,
    autoRenew,
    renewalDate: renewalDate ?? undefined,
    billingContractId: row.billingContractId ?? undefined,
    lines: (lines ?? []).map(
      ({ mpn, vendor, cmpProductId, name, seats, unitPrice, unitCost, vendorSubscriptionId }) => ({
        mpn,
        vendor,
        productId: cmpProductId,
        name,
        quantity: seats,
        unitPrice: unitPrice ?? undefined,
        unitCost: unitCost ?? undefined,
        vendorSubscriptionId: vendorSubscriptionId ?? undefined,
      }),
    ),
    asOf: new Date(asOf).toISOString(),
  };
}
