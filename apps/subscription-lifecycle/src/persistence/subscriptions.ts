import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, TenantRows } from '@isthmus/service-kit';
import { inTransaction } from '@isthmus/sync-engine';
import { Pool } from 'pg';
import { SubscriptionNotFound } from '../domain/not-found.errors.ts';
import { ContractNotOfAccount } from '../domain/subscription/contract-not-of-account.error.ts';
import { changeSubscription, lockForContract, type OwnFields } from './change-subscription.ts';
import {
  assignContracts,
  contractChanges,
  followDefaultContract,
  lockOwnership,
} from './default-contract.ts';
import { subscriptionIds, type SubscriptionFilter } from './subscription-queries.ts';
import type { SubscriptionRow } from './subscription-row.ts';

/** Who changes something, for the history: the subject of a person, or the name of a service. */
interface By {
  subject: string;
  correlationId: string;
}

/** Which subscriptions get which contract; without ids, those that the filter finds. */
export interface Assign {
  billingContractId: string | null;
  subscriptionIds?: readonly string[] | undefined;
  filter?: SubscriptionFilter | undefined;
  cursor?: string | undefined;
}

export type AssignmentOutcome = 'assigned' | 'unassigned' | 'unchanged' | 'refused';
export interface Assigned extends Record<AssignmentOutcome, number> {
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

/** The most that is assigned at once; what a filter finds beyond it follows with the cursor. */
export const mostAssigned = 1_000;

/** The subscriptions as people and other services change them without CMP. */
@Injectable()
export class Subscriptions {
  constructor(private readonly pool: Pool) {}

  /**
   * Changes what is ours, friendly name and billing contract, in one transaction with its history and event.
   * @param check looks at the locked row first; what it throws changes nothing
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
   * Has every live subscription join the default contract that it would have joined had everything arrived by now; after
   * an upgrade, those that older releases left out. Once per tenant and transaction.
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
   * Assigns many to a contract, or to none, in one transaction; a person's decision, as of one alone. What cannot be
   * assigned is refused with its reason and keeps nothing else back.
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
