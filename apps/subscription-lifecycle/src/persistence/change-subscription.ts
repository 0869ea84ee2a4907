import type { Statements } from '@isthmus/messaging';
import type { FactChange } from '../domain/subscription/observe.ts';
import { SubscriptionNotFound } from '../domain/not-found.errors.ts';
import { writeHistory } from './change-history.ts';
import { contractFits } from './contract-of-account.ts';
import { contractChanges } from './default-contract.ts';
import { changedEvent, publish } from './subscription-events.ts';
import { subscriptionColumns, type SubscriptionRow } from './subscription-row.ts';

/** What is ours of a subscription; no sync overwrites it. What is left out stays, null takes away. */
export interface OwnFields {
  friendlyName?: string | null;
  /** Null: unassigned. */
  billingContractId?: string | null;
}

/** The row, locked until the transaction ends. @throws SubscriptionNotFound */
export async function lockSubscription(
  client: Statements,
  tenantId: string,
  id: string,
): Promise<SubscriptionRow> {
  const text = `select ${subscriptionColumns} from subscriptions s where tenant_id = $1 and id = $2 for no key update of s`;
  const { rows } = await client.query<SubscriptionRow>(text, [tenantId, id]);
  if (!rows[0]) throw new SubscriptionNotFound(id);
  return rows[0];
}

/** Locks these of the tenant, by id, with whether the contract is one of their account; unknown ones are left out. */
export async function lockForContract(
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

/** Stores what differs, with its history and its event; answers the row as it is then. Nothing differs: nothing happens. */
export async function changeSubscription(
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
