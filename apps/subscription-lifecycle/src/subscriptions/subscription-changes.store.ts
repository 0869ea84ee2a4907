import { randomUUID } from 'node:crypto';
import {
  acrossTenants,
  audit,
  decodeCursor,
  encodeCursor,
  inTenant,
  transaction,
} from '@isthmus/service-kit';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { sql } from 'kysely';
import {
  assignContracts,
  contractChanges,
  followDefaultContract,
  lockOwnership,
} from '../accounts/account.store.ts';
import { statements } from '../tables.ts';
import type { FactChange } from './rules/observe.ts';
import { changedEvent } from './subscription-events.ts';
import type { SubscriptionRow } from './subscription.entity.ts';
import { writeHistory } from './subscription-history.store.ts';
import { type SubscriptionFilter, subscriptionIds } from './lists/subscription-list.store.ts';
import { lockSubscriptions, publish } from './subscription.store.ts';
import { ContractNotOfAccount, SubscriptionNotFound } from './subscription.ts';

/** The author of a change, for the history: the subject of a user, or the name of a service. */
interface By {
  subject: string;
  correlationId: string;
}

/** The subscriptions to assign, and their contract; without ids, all that match the filter. */
interface Assign {
  billingContractId: string | null;
  subscriptionIds?: readonly string[] | undefined;
  filter?: SubscriptionFilter | undefined;
  /** Everything is done and undone. */
  dryRun?: boolean;
  cursor?: string | undefined;
}

type AssignmentOutcome = 'assigned' | 'unassigned' | 'unchanged' | 'refused';
interface Assigned extends Record<AssignmentOutcome, number> {
  results: {
    subscriptionId: string;
    outcome: AssignmentOutcome;
    version?: number;
    code?: string;
    detail?: string;
    nextStep?: string;
  }[];
  nextCursor: string | null;
}

/** The most that can be assigned at once; for the other matches of a filter there is the cursor. */
export const maxAssignments = 1_000;

/** Changes of subscriptions by people and other services that do not involve CMP. */
@Injectable()
export class SubscriptionChanges {
  constructor(private readonly orm: MikroORM) {}

  /**
   * Changes our own fields, friendly name and billing contract, in one transaction with history and event.
   * @param check inspects the locked row first; if it throws, nothing is changed
   * @throws SubscriptionNotFound, ContractNotOfAccount
   */
  change(
    tenantId: string,
    id: string,
    fields: OwnFields,
    by: By,
    check?: (row: SubscriptionRow) => void,
  ): Promise<SubscriptionRow> {
    return this.#transaction(tenantId, async (em) => {
      const { billingContractId = null } = fields;
      const [found] = await lockForContract(em, tenantId, [id], billingContractId);
      if (!found) throw new SubscriptionNotFound(id);
      const { fits, ...row } = found;
      check?.(row);
      if (!fits) throw new ContractNotOfAccount(id, billingContractId!);
      return changeSubscription(em, row, fields, by);
    });
  }

  /**
   * Assigns every live subscription to the default contract that it would have joined if everything had arrived by now;
   * after an upgrade, this includes those that older releases missed. One transaction per tenant.
   */
  async joinDefaultContracts(): Promise<void> {
    const tenants = await acrossTenants('find tenants with default contracts', () =>
      statements(this.orm.em.fork()).selectFrom('AccountLink').select('tenantId').distinct().execute(),
    );
    for (const { tenantId } of tenants)
      await this.#transaction(tenantId, async (em) => {
        await lockOwnership(em, tenantId, 'exclusive');
        await followDefaultContract(em, { tenantId }, { correlationId: randomUUID() });
      });
  }

  /**
   * Assigns many subscriptions to a contract, or to none, in one transaction; like a single assignment, this is a person's
   * decision. What cannot be assigned is refused with the reason and does not affect the others.
   */
  async assign(tenantId: string, wanted: Assign, by: By): Promise<Assigned> {
    let result: Assigned | undefined;
    try {
      await this.#transaction(tenantId, async (em) => {
        result = await assign(em, tenantId, wanted, by);
        if (wanted.dryRun) throw new OnlyTried();
      });
    } catch (error) {
      if (!(error instanceof OnlyTried)) throw error;
    }
    return result!;
  }

  #transaction<T>(tenantId: string, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return inTenant(tenantId, () => transaction(this.orm, work));
  }
}

/** Ends a transaction whose work was only to be tried. */
class OnlyTried extends Error {}

async function assign(
  em: EntityManager,
  tenantId: string,
  wanted: Assign,
  { subject, correlationId }: By,
): Promise<Assigned> {
  const { billingContractId } = wanted;
  const { ids, nextCursor } = await chosen(em, tenantId, wanted);
  const rows = await lockForContract(em, tenantId, ids, billingContractId);
  const known = new Map(rows.map((row) => [row.id, row]));
  const changing = rows
    .filter((row) => row.fits && contractChanges(row, billingContractId, 'manual').length > 0)
    .map(({ fits: _, ...row }) => ({ row, billingContractId, assignment: 'manual' as const }));
  const by = { source: 'person', by: subject, cause: { correlationId } } as const;
  const changed = new Map((await assignContracts(em, changing, by)).map((row) => [row.id, row]));
  if (changed.size > 0)
    await audit(em, {
      ...{ tenantId, action: 'subscription.assign', correlationId },
      thing: ['billing-contract', billingContractId ?? 'none'],
      after: { subscriptions: changed.size, subscriptionIds: [...changed.keys()] },
    });
  const done = billingContractId === null ? 'unassigned' : 'assigned';
  const counts: Record<AssignmentOutcome, number> = {
    assigned: 0,
    unassigned: 0,
    unchanged: 0,
    refused: 0,
  };
  const results = ids.map((subscriptionId) => {
    const row = known.get(subscriptionId);
    const next = changed.get(subscriptionId);
    const error = !row
      ? new SubscriptionNotFound(subscriptionId)
      : row.fits
        ? null
        : new ContractNotOfAccount(subscriptionId, billingContractId!);
    const outcome = error ? 'refused' : next ? done : 'unchanged';
    counts[outcome] += 1;
    const why = error ? { code: error.code, detail: error.message, nextStep: error.nextStep } : {};
    const version = next?.version ?? row?.version;
    return { subscriptionId, outcome, ...(version === undefined ? {} : { version }), ...why } as const;
  });
  return { ...counts, results, nextCursor };
}

async function chosen(
  em: EntityManager,
  tenantId: string,
  { subscriptionIds: named, filter = {}, cursor }: Assign,
): Promise<{ ids: string[]; nextCursor: string | null }> {
  if (named) return { ids: named.map((id) => id.toLowerCase()), nextCursor: null };
  const found = await subscriptionIds(em, tenantId, filter, decodeCursor(cursor, ['uuid']), maxAssignments);
  const ids = found.slice(0, maxAssignments);
  return { ids, nextCursor: found.length > maxAssignments ? encodeCursor([ids.at(-1)!]) : null };
}

/** Our own fields of a subscription, which no sync overwrites. Fields that are left out are not changed, null clears one. */
interface OwnFields {
  friendlyName?: string | null;
  /** Null: unassigned. */
  billingContractId?: string | null;
}

/**
 * Locks these subscriptions of the tenant, by id, and returns whether the contract belongs to their account; unknown ones
 * are left out.
 */
async function lockForContract(
  em: EntityManager,
  tenantId: string,
  ids: readonly string[],
  billingContractId: string | null,
): Promise<(SubscriptionRow & { fits: boolean })[]> {
  const locked = lockSubscriptions(em, tenantId, ids);
  if (billingContractId === null) return (await locked.execute()).map((row) => ({ ...row, fits: true }));
  return locked.select(contractFits(billingContractId).as('fits')).execute();
}

/** Stores the differences with history and event, and returns the updated row. If there are none, nothing is written. */
async function changeSubscription(
  em: EntityManager,
  row: SubscriptionRow,
  fields: OwnFields,
  { subject, correlationId }: { subject: string; correlationId: string },
): Promise<SubscriptionRow> {
  const { friendlyName = row.friendlyName, billingContractId = row.billingContractId } = fields;
  const assignment = fields.billingContractId === undefined ? row.assignment : 'manual';
  const changes: FactChange[] = contractChanges(row, billingContractId, assignment);
  if (friendlyName !== row.friendlyName)
    changes.unshift({ fact: 'friendlyName', from: row.friendlyName, to: friendlyName });
  if (changes.length === 0) return row;
  const next = { ...row, friendlyName, billingContractId, assignment, version: row.version + 1 };
  await statements(em)
    .updateTable('Subscription')
    .set({ friendlyName, billingContractId, assignment, version: next.version })
    .where('id', '=', row.id)
    .where('tenantId', '=', row.tenantId)
    .execute();
  const { tenantId, id: subscriptionId } = row;
  await writeHistory(em, [
    { tenantId, subscriptionId, source: 'person', by: subject, correlationId, changes },
  ]);
  await audit(em, {
    ...{ tenantId, action: 'subscription.update', thing: ['subscription', subscriptionId], correlationId },
    before: auditedFields(row),
    after: auditedFields(next),
  });
  await publish(em, [{ row: next, event: changedEvent(next, changes, 'person', { correlationId }) }]);
  return next;
}

const auditedFields = ({ friendlyName, billingContractId, assignment }: SubscriptionRow): object => ({
  friendlyName,
  billingContractId,
  assignment,
});

/**
 * SQL condition: the billing contract belongs to the tenant account to which the provider account of subscription `s` is linked.
 */
const contractFits = (contract: string) => sql<boolean>`exists (
  select from billing_contracts c join account_links l using (tenant_id, tenant_account_id)
    join provider_accounts a on a.tenant_id = l.tenant_id and a.id = l.provider_account_id
  where c.tenant_id = s.tenant_id and c.id = ${contract} and a.connector_id = s.connector_id and a.cmp_account_id = s.cmp_account_id)`;

/**
 * Once at start, assigns subscriptions without a contract to their default contract, if they missed it for any reason. Any
 * replica may do this at any time.
 */
@Injectable()
export class JoinDefaultContracts implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(JoinDefaultContracts.name);
  #work: Promise<void> = Promise.resolve();

  constructor(private readonly subscriptions: SubscriptionChanges) {}

  onApplicationBootstrap(): void {
    this.#work = this.subscriptions
      .joinDefaultContracts()
      .catch((error: unknown) =>
        this.#log.error('Default contracts could not be checked; the next start tries again.', error),
      );
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#work;
  }
}
