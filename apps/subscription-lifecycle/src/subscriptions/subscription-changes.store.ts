import { randomUUID } from 'node:crypto';
import type { Statements } from '@isthmus/messaging';
import { decodeCursor, encodeCursor, inTransaction, TenantRows } from '@isthmus/service-kit';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Pool } from 'pg';
import {
  assignContracts,
  contractChanges,
  followDefaultContract,
  lockOwnership,
} from '../accounts/account.store.ts';
import type { FactChange } from './rules/observe.ts';
import { changedEvent } from './subscription-events.ts';
import {
  publish,
  subscriptionColumns,
  type SubscriptionFilter,
  subscriptionIds,
  writeHistory,
} from './subscription.store.ts';
import { ContractNotOfAccount, SubscriptionNotFound, type SubscriptionRow } from './subscription.ts';

/** Who changes something, for the history: the subject of a person, or the name of a service. */
interface By {
  subject: string;
  correlationId: string;
}

/** Which subscriptions get which contract; without ids, those that match the filter. */
interface Assign {
  billingContractId: string | null;
  subscriptionIds?: readonly string[] | undefined;
  filter?: SubscriptionFilter | undefined;
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
export const mostAssigned = 1_000;

/** Changes of subscriptions by people and other services that do not involve CMP. */
@Injectable()
export class SubscriptionChanges {
  constructor(private readonly pool: Pool) {}

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
    return inTransaction(this.pool, async (client) => {
      const { billingContractId = null } = fields;
      const [found] = await lockForContract(client, tenantId, [id], billingContractId);
      if (!found) throw new SubscriptionNotFound(id);
      const { fits, ...row } = found;
      check?.(row);
      if (!fits) throw new ContractNotOfAccount(id, billingContractId!);
      return changeSubscription(client, row, fields, by);
    });
  }

  /**
   * Assigns every live subscription to the default contract that it would have joined if everything had arrived by now;
   * after an upgrade, this includes those that older releases missed. One transaction per tenant.
   */
  async joinDefaultContracts(): Promise<void> {
    const { rows } = await this.pool.query<{ tenantId: string }>(
      'select distinct tenant_id as "tenantId" from account_links',
    );
    for (const { tenantId } of rows)
      await inTransaction(this.pool, async (client) => {
        await lockOwnership(client, tenantId, 'exclusive');
        await followDefaultContract(client, { tenantId }, { correlationId: randomUUID() });
      });
  }

  /**
   * Assigns many subscriptions to a contract, or to none, in one transaction; like a single assignment, this is a person's
   * decision. What cannot be assigned is refused with the reason and does not affect the others.
   */
  assign(tenantId: string, wanted: Assign, { subject, correlationId }: By): Promise<Assigned> {
    const { billingContractId } = wanted;
    return inTransaction(this.pool, async (client) => {
      const { ids, nextCursor } = await chosen(TenantRows.of(client, tenantId), wanted);
      const rows = await lockForContract(client, tenantId, ids, billingContractId);
      const known = new Map(rows.map((row) => [row.id, row]));
      const changing = rows
        .filter((row) => row.fits && contractChanges(row, billingContractId, 'manual').length > 0)
        .map(({ fits: _, ...row }) => ({ row, billingContractId, assignment: 'manual' as const }));
      const by = { source: 'person', by: subject, cause: { correlationId } } as const;
      const changed = new Map((await assignContracts(client, changing, by)).map((row) => [row.id, row]));
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
    });
  }
}

async function chosen(
  rows: TenantRows,
  { subscriptionIds: named, filter = {}, cursor }: Assign,
): Promise<{ ids: string[]; nextCursor: string | null }> {
  if (named) return { ids: named.map((id) => id.toLowerCase()), nextCursor: null };
  const found = await subscriptionIds(rows, filter, decodeCursor(cursor, ['uuid']), mostAssigned);
  const ids = found.slice(0, mostAssigned);
  return { ids, nextCursor: found.length > mostAssigned ? encodeCursor([ids.at(-1)!]) : null };
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
  client: Statements,
  tenantId: string,
  ids: readonly string[],
  billingContractId: string | null,
): Promise<(SubscriptionRow & { fits: boolean })[]> {
  const { rows } = await client.query<SubscriptionRow & { fits: boolean }>(
    `select ${subscriptionColumns}, $3::uuid is null or ${contractFits('$3')} as fits from subscriptions s
     where tenant_id = $1 and id = any($2::uuid[]) order by id for no key update of s`,
    [tenantId, ids, billingContractId],
  );
  return rows;
}

/** Stores the differences with history and event, and returns the updated row. If there are none, nothing is written. */
async function changeSubscription(
  client: Statements,
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
  await client.query(
    `update subscriptions set friendly_name = $2, billing_contract_id = $3, assignment = $4, version = $5
     where id = $1 and tenant_id = $6`,
    [row.id, friendlyName, billingContractId, assignment, next.version, row.tenantId],
  );
  const { tenantId, id: subscriptionId } = row;
  await writeHistory(client, [
    { tenantId, subscriptionId, source: 'person', by: subject, correlationId, changes },
  ]);
  await publish(client, [{ row: next, event: changedEvent(next, changes, 'person', { correlationId }) }]);
  return next;
}

/** Whether a billing contract is one of the tenant account that the provider account of subscription `s` is linked to, in SQL. */
const contractFits = (contract: string): string => `exists (
  select from billing_contracts c join account_links l using (tenant_id, tenant_account_id)
    join provider_accounts a on a.tenant_id = l.tenant_id and a.id = l.provider_account_id
  where c.tenant_id = s.tenant_id and c.id = ${contract} and a.connector_id = s.connector_id and a.cmp_account_id = s.cmp_account_id)`;

/**
 * Once at start: subscriptions that are missing from a default contract, for whatever reason, join it. Any replica may do
 * this at any time.
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
