import type { ProviderSubscriptionChangedV1, SubscriptionEndReason } from '@isthmus/contracts';
import { compiledOnce, emitMany, type Message, type NewEvent } from '@isthmus/messaging';
import { clientIn, type CursorKey } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type RawBuilder, sql } from 'kysely';
import { statements } from '../tables.ts';
import type { FactChange } from './rules/observe.ts';
import {
  type Cause,
  changedEvent,
  createdEvent,
  endedEvent,
  transferredEvent,
} from './subscription-events.ts';
import { writeHistory } from './subscription-history.store.ts';
import type { SubscriptionRow } from './subscription.entity.ts';
import {
  isEnded,
  type SettledOrder,
  SubscriptionNotFound,
  type SubscriptionState,
  withSettled,
} from './subscription.ts';

/** Null while the account has not been listed. */
const accountName = (of: 's' | 'subscriptions') =>
  sql<string | null>`(select a.name from provider_accounts a
    where a.id = ${sql.ref(`${of}.provider_account_id`)} and a.tenant_id = ${sql.ref(`${of}.tenant_id`)})`.as(
    'accountName',
  );

/** Subscriptions, of every tenant, with the names of their accounts. */
export const subscriptions = (em: EntityManager) =>
  statements(em).selectFrom('Subscription as s').selectAll('s').select(accountName('s'));

/** @throws SubscriptionNotFound */
export async function readSubscription(
  em: EntityManager,
  tenantId: string,
  id: string,
): Promise<SubscriptionRow> {
  const row = await subscriptions(em)
    .where((eb) => eb.and({ tenantId, id }))
    .executeTakeFirst();
  if (!row) throw new SubscriptionNotFound(id);
  return row;
}

/** With the orders settled since CMP was read and whether the connector is gone, in the same round trip. */
const readAsAgreed = (em: EntityManager, tenantId: string) =>
  subscriptions(em)
    .where('s.tenantId', '=', tenantId)
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('RemovalState as r')
            .select('r.connectorId')
            .whereRef('r.connectorId', '=', 's.connectorId')
            .whereRef('r.tenantId', '=', 's.tenantId')
            .where('r.removed', '=', true),
        )
        .as('connectorGone'),
    )
    .select((eb) =>
      eb
        .selectFrom('Order as o')
        .select(settledOrders.as('settledOrders'))
        .whereRef('o.tenantId', '=', 's.tenantId')
        .whereRef('o.subscriptionId', '=', 's.id')
        .where('o.status', '=', 'settled')
        .where(sql<boolean>`(o.record ->> 'finishedAt')::float8 > (s.state ->> 'asOf')::float8`)
        .as('settled'),
    );

const settledOrders = sql<SettledOrder[] | null>`json_agg(json_build_object('spec', o.record -> 'spec',
  'finishedAt', o.record -> 'finishedAt', 'firstSentAt', o.record -> 'firstSentAt') order by o.position)`;

type ReadRow = SubscriptionRow & { settled: SettledOrder[] | null; connectorGone: unknown };

function agreed({ settled, connectorGone, ...row }: ReadRow): SubscriptionRow {
  if (!settled && !connectorGone) return row;
  const known = withSettled(row.state, settled ?? []);
  // The events that each of its subscriptions has ended follow that of the connector.
  const state = connectorGone && !isEnded(known.status) ? { ...known, status: 'connector-removed' } : known;
  return { ...row, state, status: state.status };
}

/** The subscriptions of one account by id, as agreed; one more than `limit` if there are more. */
export async function listAgreed(
  em: EntityManager,
  tenantId: string,
  { connectorId, providerAccountId }: { connectorId: string; providerAccountId: string },
  after: CursorKey | undefined,
  limit: number,
): Promise<SubscriptionRow[]> {
  const from = after ? String(after[0]) : lowestId;
  const found = await agreedOfAccount(em, tenantId, connectorId, providerAccountId, from, limit + 1);
  return found.map(agreed);
}

const lowestId = '00000000-0000-0000-0000-000000000000';

const agreedOfAccount = compiledOnce(
  (em, tenantId: string, connectorId: string, providerAccountId: string, after: string, limit: number) =>
    readAsAgreed(em, tenantId)
      .where('s.connectorId', '=', connectorId)
      .where('s.providerAccountId', '=', providerAccountId)
      .where('s.id', '>', after)
      .orderBy('s.id')
      .limit(sql<number>`${limit}`),
);

/** @throws SubscriptionNotFound, also of another connector when one is named */
export async function readAgreed(
  em: EntityManager,
  tenantId: string,
  id: string,
  connectorId?: string,
): Promise<SubscriptionRow> {
  const [row] = await agreedById(em, tenantId, id);
  if (!row || (connectorId !== undefined && row.connectorId !== connectorId))
    throw new SubscriptionNotFound(id);
  return agreed(row);
}

const agreedById = compiledOnce((em, tenantId: string, id: string) =>
  readAsAgreed(em, tenantId).where('s.id', '=', id),
);

/** The rows of these, by id, locked until the transaction ends; no key is changed: inserts that refer to them need not wait. */
export const lockSubscriptions = (em: EntityManager, tenantId: string, ids: readonly string[]) =>
  subscriptions(em)
    .where('s.tenantId', '=', tenantId)
    .where(sql<boolean>`s.id = any(${ids}::uuid[])`)
    .orderBy('s.id')
    .forNoKeyUpdate('s');

/** @throws SubscriptionNotFound */
export async function lockSubscription(
  em: EntityManager,
  tenantId: string,
  id: string,
): Promise<SubscriptionRow> {
  const row = await lockSubscriptions(em, tenantId, [id]).executeTakeFirst();
  if (!row) throw new SubscriptionNotFound(id);
  return row;
}

/** Stores one that was not known; publishes that it was created. */
export async function insertSubscription(
  em: EntityManager,
  event: ProviderSubscriptionChangedV1,
  state: SubscriptionState,
  message: Message,
): Promise<void> {
  const { providerSubscriptionId: id, connectorId, cmpSubscriptionId, cmpAccountId } = event;
  const { tenantId, correlationId } = message;
  const { name, status } = state;
  // The event of its move may overtake earlier ones, which are then ignored.
  const moved = event.changes?.find(({ field }) => field === 'cmpAccountId');
  const owner =
    event.providerAccountId ?? knownAccount(sql`${tenantId}::uuid`, sql`${connectorId}::uuid`, cmpAccountId);
  const announced = state.lines !== null || isEnded(status);
  const row = await statements(em)
    .insertInto('Subscription')
    .values((eb) => ({
      ...{ id, tenantId, connectorId, cmpSubscriptionId, cmpAccountId, name, status, state, announced },
      providerAccountId: owner,
      assignment: moved ? 'transferred' : 'default',
      billingContractId:
        moved || isEnded(status)
          ? null
          : eb
              .selectFrom('BillingContract as c')
              .innerJoin('AccountLink as l', (join) =>
                join
                  .onRef('l.tenantId', '=', 'c.tenantId')
                  .onRef('l.tenantAccountId', '=', 'c.tenantAccountId'),
              )
              .select(onlyDefault.as('contract'))
              .where('l.tenantId', '=', tenantId)
              .where('l.providerAccountId', '=', owner)
              .where('c.isDefault', '=', true),
    }))
    .returningAll()
    .returning(accountName('subscriptions'))
    .executeTakeFirstOrThrow();
  const changes: FactChange[] = [{ fact: 'appeared', from: null, to: status }];
  if (moved) changes.push({ fact: 'account', from: moved.from, to: cmpAccountId });
  await writeHistory(em, [
    { tenantId, subscriptionId: id, source: 'cmp', by: 'account-sync', correlationId, changes },
  ]);
  await publish(em, [{ row, event: createdEvent(row, message) }]);
}

/** The only default contract among `c`; null while there are two, which is possible because events may overtake each other. */
export const onlyDefault = sql<string | null>`case when count(*) = 1 then min(c.id::text)::uuid end`;

/** Our id of the account that CMP lists it under. */
const knownAccount = (
  tenantId: RawBuilder<unknown>,
  connectorId: RawBuilder<unknown>,
  cmpAccountId: string,
) =>
  sql<string | null>`(select a.id from provider_accounts a
    where a.tenant_id = ${tenantId} and a.connector_id = ${connectorId} and a.cmp_account_id = ${cmpAccountId})`;

/** The change of a subscription by an event, or by an order that became known. */
export interface SubscriptionStep {
  state: SubscriptionState;
  changes: FactChange[];
  /** Whom CMP lists it under. */
  owner: { cmpAccountId: string; providerAccountId?: string | null | undefined };
  /** The order of ours that explains the changes. */
  orderId?: string | undefined;
  /** The reason why it has ended; absent while it is live. */
  ended?: SubscriptionEndReason;
}

/** Stores the step with its history; publishes each part of it under its own version. */
export async function storeStep(
  em: EntityManager,
  row: SubscriptionRow,
  step: SubscriptionStep,
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
  const next = await updateState(em, row, step, { moved, announces, versions: parts.length });
  const entry = { tenantId: row.tenantId, subscriptionId: row.id, by: 'account-sync' };
  const { correlationId } = cause;
  if (moved) {
    const transfer: FactChange[] = [{ fact: 'account', from: row.cmpAccountId, to: next.cmpAccountId }];
    if (row.billingContractId)
      transfer.push({ fact: 'billingContractId', from: row.billingContractId, to: null });
    await writeHistory(em, [{ ...entry, source: 'cmp', correlationId, changes: transfer }]);
  }
  const endReason = ended && ended !== state.status ? [{ fact: 'endReason', from: null, to: ended }] : [];
  const recorded = changes.length > 0 ? [...changes, ...endReason] : [];
  await writeHistory(em, [{ ...entry, source, orderId, correlationId, changes: recorded }]);
  await publish(
    em,
    parts.map((part, index) => {
      const version = next.version - parts.length + 1 + index;
      return { row: next, event: part({ ...next, version }) };
    }),
  );
  return next;
}

const updateState = (
  em: EntityManager,
  row: SubscriptionRow,
  { state, owner, ended: why }: SubscriptionStep,
  { moved, announces, versions }: { moved: boolean; announces: boolean; versions: number },
): Promise<SubscriptionRow> =>
  statements(em)
    .updateTable('Subscription')
    .set((eb) => ({
      name: state.name,
      status: state.status,
      state,
      lookAt: sql<Date>`now()`,
      version: eb('version', '+', versions),
      endedAt: isEnded(state.status)
        ? eb.fn.coalesce('endedAt', eb.val(why ? new Date(state.asOf) : null))
        : null,
      cmpAccountId: owner.cmpAccountId,
      providerAccountId:
        owner.providerAccountId ??
        (moved ? null : row.providerAccountId) ??
        knownAccount(
          sql.ref('subscriptions.tenant_id'),
          sql.ref('subscriptions.connector_id'),
          owner.cmpAccountId,
        ),
      ...(moved ? { billingContractId: null, assignment: 'transferred' as const } : {}),
      ...(announces ? { announced: true } : {}),
    }))
    .where('id', '=', row.id)
    .where('tenantId', '=', row.tenantId)
    .returningAll()
    .returning(accountName('subscriptions'))
    .executeTakeFirstOrThrow();

/** Publishes what happened to subscriptions that were announced; others are not known outside yet. */
export function publish(
  em: EntityManager,
  happened: readonly { row: SubscriptionRow; event: NewEvent }[],
): Promise<void> {
  const events = happened.filter(({ row }) => row.announced).map(({ event }) => event);
  return emitMany(clientIn(em), events);
}
