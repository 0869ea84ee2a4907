import { SubscriptionChangedV1 } from '@isthmus/contracts';
import { emitMany, event, type Statements } from '@isthmus/messaging';
import type { FactChange } from '../domain/subscription/observe.ts';
import { SubscriptionNotFound } from '../domain/not-found.errors.ts';
import { factsOf } from './keep-subscription.ts';
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
  const text = `select ${subscriptionColumns} from subscriptions s where tenant_id = $1 and id = $2 for update`;
  const { rows } = await client.query<SubscriptionRow>(text, [tenantId, id]);
  if (!rows[0]) throw new SubscriptionNotFound(id);
  return rows[0];
}

/** Stores what differs, with its history and its event; answers the row as it is then. Nothing differs: nothing happens. */
export async function changeSubscription(
  client: Statements,
  row: SubscriptionRow,
  fields: OwnFields,
  { subject, correlationId }: { subject: string; correlationId: string },
): Promise<SubscriptionRow> {
  const { friendlyName = row.friendlyName, billingContractId = row.billingContractId } = fields;
  const next = { ...row, friendlyName, billingContractId, version: row.version + 1 };
  const changes: FactChange[] = (['friendlyName', 'billingContractId'] as const)
    .filter((fact) => next[fact] !== row[fact])
    .map((fact) => ({ fact, from: row[fact], to: next[fact] }));
  if (changes.length === 0) return row;
  await client.query(
    'update subscriptions set friendly_name = $2, billing_contract_id = $3, version = $4 where id = $1 and tenant_id = $5',
    [row.id, friendlyName, billingContractId, next.version, row.tenantId],
  );
  await client.query(
    `insert into subscription_history (tenant_id, subscription_id, source, by, correlation_id, changes)
     values ($1, $2, 'person', $3, $4, $5)`,
    [row.tenantId, row.id, subject, correlationId, JSON.stringify(changes)],
  );
  const changed = changes.map(({ fact }) => fact);
  const said = { ...factsOf(next, row.state.asOf), changed, source: 'person' as const };
  const facts = { tenantId: row.tenantId, aggregateId: row.id, version: next.version, correlationId };
  await emitMany(client, [event(SubscriptionChangedV1, said, facts)]);
  return next;
}
