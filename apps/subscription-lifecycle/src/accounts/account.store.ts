import type { CountLifecycleRecordsResponse } from '@isthmus/contracts';
import type { Message } from '@isthmus/messaging';
import { clientIn } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { finalStatuses } from '../orders/order-lifecycle.ts';
import type { ConnectorPause } from '../orders/order.ts';
import type { FactChange } from '../subscriptions/rules/observe.ts';
import { type Cause, changedEvent, type ChangeSource } from '../subscriptions/subscription-events.ts';
import type { SubscriptionRow } from '../subscriptions/subscription.entity.ts';
import { writeHistory } from '../subscriptions/subscription-history.store.ts';
import { onlyDefault, publish, subscriptions } from '../subscriptions/subscription.store.ts';
import { type Assignment, endedStatuses } from '../subscriptions/subscription.ts';
import { given, statements } from '../tables.ts';

/** An account as orders need it, and whether its connector was removed. */
export const findAccount = (em: EntityManager, tenantId: string, providerAccountId: string) =>
  statements(em)
    .selectFrom('ProviderAccount as a')
    .select(['a.connectorId', 'a.cmpAccountId'])
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('RemovalState as r')
            .select('r.connectorId')
            .whereRef('r.connectorId', '=', 'a.connectorId')
            .whereRef('r.tenantId', '=', 'a.tenantId')
            .where('r.removed', '=', true),
        )
        .as('removed'),
    )
    .where('a.tenantId', '=', tenantId)
    .where('a.id', '=', providerAccountId)
    .executeTakeFirst();

interface AccountUpdate {
  providerAccountId: string;
  connectorId: string;
  cmpAccountId: string;
  status: string;
  name: string;
  customDomain?: string;
}

/**
 * Stores the fields of a provider account that ordering and events need; older events change nothing. Subscriptions that arrived
 * before their account are then assigned to it.
 */
export async function upsertAccount(
  em: EntityManager,
  event: AccountUpdate,
  message: Message,
): Promise<void> {
  const { tenantId, aggregateVersion: version } = message;
  const { providerAccountId, connectorId, cmpAccountId, status, name, customDomain = null } = event;
  await lockOwnership(em, tenantId, 'shared');
  const facts = { status, cmpAccountId, name, customDomain, version };
  await statements(em)
    .insertInto('ProviderAccount')
    .values({ id: providerAccountId, tenantId, connectorId, ...facts })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(facts).where('ProviderAccount.version', '<', version),
    )
    .execute();
  const { numUpdatedRows } = await statements(em)
    .updateTable('Subscription')
    .set({ providerAccountId })
    .where('tenantId', '=', tenantId)
    .where('connectorId', '=', connectorId)
    .where('cmpAccountId', '=', cmpAccountId)
    .where('providerAccountId', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) await followDefaultContract(em, { tenantId, providerAccountId }, message);
}

/**
 * Stores the tenant account of a provider account; null if it was unlinked. Unlinking leaves the subscriptions on their
 * contracts, so that linking the account to the same tenant account again changes nothing.
 */
export async function upsertLink(
  em: EntityManager,
  providerAccountId: string,
  tenantAccountId: string | null,
  by: string,
  message: Message,
): Promise<void> {
  const { tenantId, aggregateVersion: version } = message;
  await lockOwnership(em, tenantId, 'exclusive');
  await statements(em)
    .insertInto('AccountLink')
    .values({ providerAccountId, tenantId, tenantAccountId, version })
    .onConflict((conflict) =>
      conflict
        .column('providerAccountId')
        .doUpdateSet({ tenantAccountId, version })
        .where('AccountLink.version', '<', version),
    )
    .execute();
  await followDefaultContract(em, { tenantId, providerAccountId }, message, by);
}

export async function upsertContract(
  em: EntityManager,
  {
    billingContractId,
    tenantAccountId,
    isDefault,
  }: { billingContractId: string; tenantAccountId: string; isDefault: boolean },
  message: Message,
): Promise<void> {
  const { tenantId, aggregateVersion: version } = message;
  await lockOwnership(em, tenantId, 'exclusive');
  await statements(em)
    .insertInto('BillingContract')
    .values({ id: billingContractId, tenantId, tenantAccountId, isDefault, version })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ isDefault, version })
        .where('BillingContract.version', '<', version),
    )
    .execute();
  await followDefaultContract(em, { tenantId, tenantAccountId }, message);
}

/**
 * Subscriptions, links and contracts arrive in any order and concurrently, and each looks for the others: without this lock,
 * two transactions could miss each other. Links and contracts of a tenant are processed one at a time; accounts and
 * subscriptions concurrently with each other, but not with those.
 */
export async function lockOwnership(
  em: EntityManager,
  tenantId: string,
  mode: 'shared' | 'exclusive',
): Promise<void> {
  const lock = mode === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  await clientIn(em).query(`select ${lock}(hashtextextended($1, 0))`, [`ownership ${tenantId}`]);
}

/**
 * The subscriptions that may have to change their contract: those of an account, of everything linked to a tenant account, or all
 * of a tenant.
 */
interface FollowScope {
  tenantId: string;
  providerAccountId?: string;
  tenantAccountId?: string;
}

/**
 * Assigns live subscriptions to the default contract of the tenant account that their account is linked to, unless a person
 * decided or they were transferred. While there are two defaults, because events may overtake each other, none is used.
 * Those on a contract of another tenant account leave it, because the link is a person's decision too. Subscriptions that
 * are already assigned correctly are not changed.
 */
export async function followDefaultContract(
  em: EntityManager,
  scope: FollowScope,
  cause: Cause,
  by: string = 'subscription-lifecycle',
): Promise<void> {
  for (;;) {
    const found = await lockFollowers(em, scope);
    if (found.length === 0) return;
    for (const from of [true, false])
      await assignContracts(
        em,
        found
          .filter(({ foreign }) => foreign === from)
          .map(({ contract, foreign: _, ...row }) => ({
            row,
            billingContractId: contract,
            assignment: 'default',
          })),
        { source: from ? 'account-link' : 'default-contract', by, cause },
      );
    if (found.length < batch) return;
  }
}

/** Assigned in one round; a customer may have thousands. */
const batch = 1_000;

/**
 * Selects subscriptions whose contract has to change, and locks them until the transaction ends; `foreign` ones are on a contract
 * of a tenant account to which their account is not linked.
 */
function lockFollowers(em: EntityManager, { tenantId, providerAccountId, tenantAccountId }: FollowScope) {
  return subscriptions(em)
    .innerJoin('AccountLink as l', (join) =>
      join.onRef('l.tenantId', '=', 's.tenantId').onRef('l.providerAccountId', '=', 's.providerAccountId'),
    )
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('BillingContract as c')
          .select(onlyDefault.as('contract'))
          .whereRef('c.tenantId', '=', 'l.tenantId')
          .whereRef('c.tenantAccountId', '=', 'l.tenantAccountId')
          .where('c.isDefault', '=', true)
          .as('d'),
      (join) => join.onTrue(),
    )
    .select('d.contract')
    .select((eb) => eb('s.billingContractId', 'is not', null).as('foreign'))
    .where('s.tenantId', '=', tenantId)
    .where((eb) =>
      eb.and(given({ 's.providerAccountId': providerAccountId, 'l.tenantAccountId': tenantAccountId })),
    )
    .where('s.endedAt', 'is', null)
    .where('s.status', 'not in', endedStatuses)
    .where((eb) =>
      eb.or([
        eb.and([
          eb('s.billingContractId', 'is', null),
          eb('s.assignment', '=', 'default'),
          eb('d.contract', 'is not', null),
        ]),
        eb.exists(
          eb
            .selectFrom('BillingContract as o')
            .select('o.id')
            .whereRef('o.id', '=', 's.billingContractId')
            .whereRef('o.tenantId', '=', 's.tenantId')
            .whereRef('o.tenantAccountId', '<>', 'l.tenantAccountId'),
        ),
      ]),
    )
    .orderBy('s.id')
    .limit(batch)
    .forNoKeyUpdate('s')
    .execute();
}

/** A subscription, its row locked, and the contract that it gets. */
interface ContractChange {
  row: SubscriptionRow;
  billingContractId: string | null;
  assignment: Assignment;
}

/** Stores the contracts of many subscriptions with history and events; returns the updated rows. */
export async function assignContracts(
  em: EntityManager,
  given: readonly ContractChange[],
  { source, by, cause }: { source: ChangeSource; by: string; cause: Cause },
): Promise<SubscriptionRow[]> {
  if (given.length === 0) return [];
  const made = given.map(({ row, billingContractId, assignment }) => ({
    row: { ...row, billingContractId, assignment, version: row.version + 1 },
    changes: contractChanges(row, billingContractId, assignment),
  }));
  // Uses arrays instead of a typed query: a thousand rows in one statement.
  await clientIn(em).query(
    `update subscriptions s set billing_contract_id = g.contract, assignment = g.assignment, version = g.version
     from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[]) as g (id, contract, assignment, version)
     where s.id = g.id and s.tenant_id = $5`,
    [
      made.map(({ row }) => row.id),
      made.map(({ row }) => row.billingContractId),
      made.map(({ row }) => row.assignment),
      made.map(({ row }) => row.version),
      made[0]!.row.tenantId,
    ],
  );
  await writeHistory(
    em,
    made.map(({ row: { tenantId, id: subscriptionId }, changes }) => ({
      ...{ tenantId, subscriptionId, source, by, changes },
      correlationId: cause.correlationId,
    })),
  );
  await publish(
    em,
    made.map(({ row, changes }) => ({ row, event: changedEvent(row, changes, source, cause) })),
  );
  return made.map(({ row }) => row);
}

/** The differences: the contract, or who decided on it, if a person confirms an existing assignment. */
export function contractChanges(
  row: SubscriptionRow,
  billingContractId: string | null,
  assignment: Assignment,
): FactChange[] {
  if (row.billingContractId !== billingContractId)
    return [{ fact: 'billingContractId', from: row.billingContractId, to: billingContractId }];
  return row.assignment === assignment ? [] : [{ fact: 'assignment', from: row.assignment, to: assignment }];
}

/** @returns whether it was newer than what was stored */
export async function recordPause(
  em: EntityManager,
  connectorId: string,
  pause: ConnectorPause | null,
  { tenantId, aggregateVersion: version }: Message,
): Promise<boolean> {
  const { automatic = false, detail = '', nextStep = '', by = '' } = pause ?? {};
  const state = { paused: pause !== null, automatic, detail, nextStep, by, version };
  const { numInsertedOrUpdatedRows: stored = 0n } = await statements(em)
    .insertInto('PauseState')
    .values({ connectorId, tenantId, ...state })
    .onConflict((conflict) =>
      conflict
        .column('connectorId')
        .doUpdateSet(state)
        .where('PauseState.version', '<', version)
        .where('PauseState.tenantId', '=', tenantId),
    )
    .executeTakeFirst();
  return stored > 0n;
}

/** @returns whether it was newer than what was stored */
export async function recordRemoval(
  em: EntityManager,
  connectorId: string,
  removed: boolean,
  { tenantId, aggregateVersion: version }: Message,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows: stored = 0n } = await statements(em)
    .insertInto('RemovalState')
    .values({ connectorId, tenantId, removed, version })
    .onConflict((conflict) =>
      conflict
        .column('connectorId')
        .doUpdateSet({ removed, version })
        .where('RemovalState.version', '<', version)
        .where('RemovalState.tenantId', '=', tenantId),
    )
    .executeTakeFirst();
  return stored > 0n;
}

/** Counts the records that depend on a connector. A planned order that was sent before may be at CMP, so it counts as unknown. */
export async function countConnectorRecords(
  em: EntityManager,
  tenantId: string,
  connectorId: string,
): Promise<CountLifecycleRecordsResponse> {
  const ofConnector = { tenantId, connectorId };
  const { liveSubscriptions } = await statements(em)
    .selectFrom('Subscription')
    .select(count.as('liveSubscriptions'))
    .where((eb) => eb.and(ofConnector))
    .where('endedAt', 'is', null)
    .where('status', 'not in', endedStatuses)
    .executeTakeFirstOrThrow();
  const { scheduledChanges } = await statements(em)
    .selectFrom('ScheduledChange')
    .select(count.as('scheduledChanges'))
    .where((eb) => eb.and(ofConnector))
    .where('status', 'in', ['proposed', 'planned', 'ordered'])
    .executeTakeFirstOrThrow();
  const sent = sql<boolean>`(record ->> 'attempts')::int > 0`;
  const orders = await statements(em)
    .selectFrom('Order')
    .select([
      sql<number>`count(*) filter (where status in ('planned', 'awaiting-approval') and not ${sent})::int`.as(
        'ordersPlanned',
      ),
      sql<number>`count(*) filter (where status = 'sending')::int`.as('ordersSending'),
      sql<number>`count(*) filter (where status = 'unknown' or status = 'planned' and ${sent})::int`.as(
        'ordersUnknown',
      ),
      sql<number>`count(*) filter (where status in ('accepted', 'scheduled', 'proving'))::int`.as(
        'ordersAccepted',
      ),
      sql<number>`count(*) filter (where status in ('needs-attention', 'completed-not-effective'))::int`.as(
        'ordersNeedingAttention',
      ),
    ])
    .where((eb) => eb.and(ofConnector))
    .where('status', 'not in', finalStatuses)
    .executeTakeFirstOrThrow();
  return { liveSubscriptions, scheduledChanges, ...orders };
}

const count = sql<number>`count(*)::int`;
