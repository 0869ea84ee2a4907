import {
  ProviderOrderSeenV1,
  ProviderOrderSettledV1,
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
  type SubscriptionEndReason,
} from '@isthmus/contracts';
import { Inbox, Message, type NewEvent, On, type Statements } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { orderBehind, stopAll } from '../orders/order.store.ts';
import { reason } from '../orders/order.ts';
import { stopForTransfer } from '../orders/protocol/order-policy.ts';
import { followDefaultContract, lockOwnership } from '../accounts/account.store.ts';
import {
  explainSubscription,
  keepProviderOrder,
  knownOrders,
  lockExplanations,
} from './provider-order.store.ts';
import { endStatus, type FactChange, observationOf, observe, observeEnd } from './rules/observe.ts';
import {
  type Cause,
  changedEvent,
  createdEvent,
  endedEvent,
  publish,
  transferredEvent,
} from './subscription-events.ts';
import { subscriptionColumns, type SubscriptionRow, writeHistory } from './subscription.store.ts';
import { isEnded, type SubscriptionState } from './subscription.ts';

@Controller()
export class KeepSubscriptionOnProviderSubscriptionAppeared {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionAppearedV1)
  handle(news: ProviderSubscriptionAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepSubscription(clientOf(em), news, message));
  }
}

@Controller()
export class KeepSubscriptionOnProviderSubscriptionChanged {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionChangedV1)
  handle(news: ProviderSubscriptionChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepSubscription(clientOf(em), news, message));
  }
}

@Controller()
export class EndSubscriptionOnProviderSubscriptionEnded {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionEndedV1)
  handle(news: ProviderSubscriptionEndedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => endSubscription(clientOf(em), news, message));
  }
}

@Controller()
export class KeepOrderOnProviderOrderSeen {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderOrderSeenV1)
  handle(news: ProviderOrderSeenV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepOrderNews(clientOf(em), news, message));
  }
}

/** Keeps an order of CMP, and corrects the terms and lots of its subscriptions by what it explains. */
export async function keepOrderNews(
  client: Statements,
  news: ProviderOrderSeenV1 | ProviderOrderSettledV1,
  message: Message,
): Promise<void> {
  const { tenantId, correlationId } = message;
  const about = await keepProviderOrder(client, news, message);
  if (news.status !== 'completed') return;
  for (const cmpSubscriptionId of about.toSorted())
    await explainSubscription(
      client,
      { tenantId, connectorId: news.connectorId, cmpSubscriptionId },
      { correlationId },
    );
}

/**
 * The mirror saw an order finished: it explains what became of its subscription. One of ours is looked at now instead of
 * at the next poll.
 */
@Controller()
export class FollowOrderOnProviderOrderSettled {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderOrderSettledV1)
  handle(news: ProviderOrderSettledV1, message: Message): Promise<void> {
    const { connectorId, cmpOrderId } = news;
    return this.inbox.once(message, async (em) => {
      await clientOf(em).query(
        `update orders set next_step_at = now() where tenant_id = $1 and connector_id = $2 and record ->> 'cmpOrderId' = $3
           and status in ('accepted', 'scheduled', 'needs-attention') and next_step_at > now()`,
        [message.tenantId, connectorId, cmpOrderId],
      );
      await keepOrderNews(clientOf(em), news, message);
    });
  }
}

type NewsOfIt = ProviderSubscriptionChangedV1;

/** Keeps a subscription in step with news of the mirror; older news changes nothing. Publishes what became of it. */
export async function keepSubscription(client: Statements, news: NewsOfIt, message: Message): Promise<void> {
  // Without our id of its account it is the account that may miss it, as accounts go beside each other.
  await lockOwnership(client, message.tenantId, news.providerAccountId ? 'shared' : 'exclusive');
  const { connectorId, cmpSubscriptionId } = news;
  const atCmp = { tenantId: message.tenantId, connectorId, cmpSubscriptionId };
  const row = await lock(client, news.providerSubscriptionId, message.tenantId);
  if (!row) await lockExplanations(client, atCmp);
  const order = row && (await orderBehind(client, row, news));
  const observed = observe(
    row?.state ?? null,
    observationOf(news, message.aggregateVersion),
    await knownOrders(client, atCmp),
  );
  if (!observed) return;
  if (!row) return create(client, news, observed.state, message);
  const step = { ...observed, owner: news, orderId: order?.orderId };
  const next = await takeStep(client, row, step, message);
  const { tenantId, providerAccountId } = next;
  const joins = isEnded(row.status) || providerAccountId !== row.providerAccountId;
  if (joins && providerAccountId)
    await followDefaultContract(client, { tenantId, providerAccountId }, message);
}

/**
 * Its last words: over at CMP, no longer listed, or its connector was removed. What has ended already does not end again.
 * @throws SubscriptionNotKnownYet
 */
export async function endSubscription(
  client: Statements,
  news: ProviderSubscriptionEndedV1,
  message: Message,
): Promise<void> {
  const row = await lock(client, news.providerSubscriptionId, message.tenantId);
  const status = row && isEnded(row.status) ? row.status : endStatus(news);
  const last = { status, providerVersion: message.aggregateVersion, asOf: Date.parse(news.asOf) };
  const state = observeEnd(news.providerSubscriptionId, row?.state ?? null, last);
  if (!row || !state) return;
  const changes: FactChange[] =
    status === row.status ? [] : [{ fact: 'status', from: row.status, to: status }];
  await takeStep(client, row, { state, changes, owner: news, ended: news.reason }, message);
}

/** What news makes of a subscription. */
export interface Step {
  state: SubscriptionState;
  changes: FactChange[];
  /** Whom CMP lists it under. */
  owner: { cmpAccountId: string; providerAccountId?: string | null | undefined };
  /** The order of ours that explains the changes. */
  orderId?: string | undefined;
  /** Why it has ended; absent while it goes on. */
  ended?: SubscriptionEndReason;
}

/** Stores the step with its history; publishes each part of it under a version of its own. */
export async function takeStep(
  client: Statements,
  row: SubscriptionRow,
  step: Step,
  cause: Cause,
): Promise<SubscriptionRow> {
  const { state, changes, owner, orderId, ended } = step;
  const moved = owner.cmpAccountId !== row.cmpAccountId;
  const announces = !row.announced && (state.lines !== null || isEnded(state.status));
  const source = orderId ? 'order' : 'cmp';
  const parts: ((next: SubscriptionRow) => NewEvent)[] = [];
  if (announces) parts.push((next) => createdEvent(next, cause));
  else if (moved) parts.push((next) => transferredEvent(next, row, cause));
  if (changes.length > 0) {
    if (ended) parts.push((next) => endedEvent(next, ended, cause));
    else if (!announces) parts.push((next) => changedEvent(next, changes, source, cause, orderId));
  }
  const next = await store(client, row, step, { moved, announces, versions: parts.length });
  const entry = { tenantId: row.tenantId, subscriptionId: row.id, by: 'account-sync' };
  const { correlationId } = cause;
  if (moved) {
    const transfer: FactChange[] = [{ fact: 'account', from: row.cmpAccountId, to: next.cmpAccountId }];
    if (row.billingContractId)
      transfer.push({ fact: 'billingContractId', from: row.billingContractId, to: null });
    await writeHistory(client, [{ ...entry, source: 'cmp', correlationId, changes: transfer }]);
  }
  const told = ended && ended !== state.status ? [{ fact: 'endReason', from: null, to: ended }] : [];
  const noted = changes.length > 0 ? [...changes, ...told] : [];
  await writeHistory(client, [{ ...entry, source, orderId, correlationId, changes: noted }]);
  await publish(
    client,
    parts.map((part, index) => {
      const version = next.version - parts.length + 1 + index;
      return { row: next, event: part({ ...next, version }) };
    }),
  );
  if (moved) await stopForNewOwner(client, row, next);
  return next;
}

async function stopForNewOwner(
  client: Statements,
  { id, tenantId, cmpAccountId: from, cmpSubscriptionId }: SubscriptionRow,
  { cmpAccountId: to }: SubscriptionRow,
): Promise<void> {
  const why = reason(
    'subscription-transferred',
    `CMP lists subscription ${cmpSubscriptionId} under account ${to} now; the change was scheduled for account ${from}.`,
    'Schedule it again if the new customer wants it.',
  );
  const scope = { tenantId, column: 'subscription_id', id } as const;
  await stopAll(
    client,
    scope,
    why,
    (order, now) => stopForTransfer(order, { from, to }, now),
    'account-sync',
  );
}

async function create(
  client: Statements,
  news: NewsOfIt,
  state: SubscriptionState,
  message: Message,
): Promise<void> {
  const { providerSubscriptionId: id, connectorId, cmpSubscriptionId, cmpAccountId } = news;
  const { tenantId, correlationId } = message;
  const announced = state.lines !== null || isEnded(state.status);
  // The news that it moved may overtake those before it; the older ones are ignored then.
  const moved = news.changes?.find(({ field }) => field === 'cmpAccountId');
  const { rows } = await client.query<SubscriptionRow>(insert, [
    id,
    tenantId,
    connectorId,
    cmpSubscriptionId,
    cmpAccountId,
    news.providerAccountId ?? null,
    state.name,
    state.status,
    JSON.stringify(state),
    announced,
    isEnded(state.status),
    moved !== undefined,
  ]);
  const row = rows[0]!;
  const changes: FactChange[] = [{ fact: 'appeared', from: null, to: state.status }];
  if (moved) changes.push({ fact: 'account', from: moved.from, to: cmpAccountId });
  await writeHistory(client, [
    { tenantId, subscriptionId: id, source: 'cmp', by: 'account-sync', correlationId, changes },
  ]);
  await publish(client, [{ row, event: createdEvent(row, message) }]);
}

/** Our id of the account that CMP lists it under, unless the news has it. */
const knownAccount = (tenant: string, connector: string, cmpAccount: string): string =>
  `(select a.id from provider_accounts a where a.tenant_id = ${tenant} and a.connector_id = ${connector} and a.cmp_account_id = ${cmpAccount})`;

const insert = `
  with owner as (select coalesce($6::uuid, ${knownAccount('$2::uuid', '$3::uuid', '$5::text')}) as id)
  insert into subscriptions as s (id, tenant_id, connector_id, cmp_subscription_id, cmp_account_id, provider_account_id, name,
    status, state, announced, assignment, billing_contract_id)
  select $1::uuid, $2, $3, $4, $5, owner.id, $7, $8, $9::json, $10,
    case when $12 then 'transferred' else 'default' end,
    (select case when count(*) = 1 and not $11 and not $12 then min(c.id::text)::uuid end from billing_contracts c
       join account_links l using (tenant_id, tenant_account_id)
     where l.tenant_id = $2 and l.provider_account_id = owner.id and c.is_default)
  from owner returning ${subscriptionColumns}`;

async function lock(client: Statements, id: string, tenantId: string): Promise<SubscriptionRow | undefined> {
  // No key is changed: whoever refers to it, as a worker with a change to propose does, need not wait.
  const text = `select ${subscriptionColumns} from subscriptions s where id = $1 and tenant_id = $2 for no key update of s`;
  const { rows } = await client.query<SubscriptionRow>(text, [id, tenantId]);
  return rows[0];
}

async function store(
  client: Statements,
  row: SubscriptionRow,
  { state, owner, ended }: Step,
  { moved, announces, versions }: { moved: boolean; announces: boolean; versions: number },
): Promise<SubscriptionRow> {
  const { rows } = await client.query<SubscriptionRow>(update, [
    row.id,
    state.name,
    state.status,
    JSON.stringify(state),
    ended ? new Date(state.asOf).toISOString() : null,
    isEnded(state.status),
    owner.cmpAccountId,
    owner.providerAccountId ?? (moved ? null : row.providerAccountId),
    moved,
    announces,
    versions,
    row.tenantId,
  ]);
  return rows[0]!;
}

const update = `
  update subscriptions s set name = $2, status = $3, state = $4, look_at = now(), version = version + $11,
    ended_at = case when $6 then coalesce(ended_at, $5::timestamptz) end,
    cmp_account_id = $7, provider_account_id = coalesce($8::uuid, ${knownAccount('s.tenant_id', 's.connector_id', '$7')}),
    billing_contract_id = case when $9 then null else billing_contract_id end,
    assignment = case when $9 then 'transferred' else assignment end, announced = announced or $10
  where id = $1 and tenant_id = $12 returning ${subscriptionColumns}`;
