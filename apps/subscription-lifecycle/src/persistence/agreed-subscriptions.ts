import { Conditions, type CursorKey, type TenantRows } from '@isthmus/service-kit';
import { SubscriptionNotFound } from '../domain/not-found.errors.ts';
import { withSettled, type SettledOrder } from '../domain/subscription/with-settled.ts';
import { isEnded } from '../domain/subscription/subscription-record.ts';
import { connectorRemoved } from './connector-records.ts';
import { subscriptionColumns, type SubscriptionRow } from './subscription-row.ts';

type ReadRow = SubscriptionRow & { settled: SettledOrder[] | null; connectorRemoved: boolean };

/** With the orders settled since CMP was read and whether the connector is gone, in the same round trip. */
const columns = `${subscriptionColumns}, ${connectorRemoved('s')} as "connectorRemoved", (
  select json_agg(json_build_object('ask', o.record->'ask', 'finishedAt', o.record->'finishedAt',
    'firstSentAt', o.record->'firstSentAt') order by o.position)
  from orders o where o.tenant_id = s.tenant_id and o.subscription_id = s.id and o.status = 'settled'
    and (o.record->>'finishedAt')::float8 > (s.state->>'asOf')::float8) as settled`;

function agreed({ settled, connectorRemoved: gone, ...row }: ReadRow): SubscriptionRow {
  if (!settled && !gone) return row;
  const known = withSettled(row.state, settled ?? []);
  // The news that each of its subscriptions has ended follows that of the connector.
  const state = gone && !isEnded(known.status) ? { ...known, status: 'connector-removed' } : known;
  return { ...row, state, status: state.status };
}

/** Those of one account by id, as agreed; one more than `limit` when there are more. */
export async function listAgreed(
  rows: TenantRows,
  connectorId: string,
  providerAccountId: string,
  after: CursorKey | undefined,
  limit: number,
): Promise<SubscriptionRow[]> {
  const where = new Conditions('s.tenant_id = $1')
    .when(connectorId, (p) => `s.connector_id = ${p}::uuid`)
    .when(providerAccountId, (p) => `s.provider_account_id = ${p}::uuid`)
    .after(after, 's.id', ['uuid']);
  const end = where.param(limit + 1);
  const found = await rows.select<ReadRow>(
    `select ${columns} from subscriptions s where ${where} order by s.id limit ${end}`,
    where.values,
  );
  return found.map(agreed);
}

/** @throws SubscriptionNotFound, also of another connector when one is named */
export async function readAgreed(
  rows: TenantRows,
  id: string,
  connectorId?: string,
): Promise<SubscriptionRow> {
  const [row] = await rows.select<ReadRow>(
    `select ${columns} from subscriptions s where s.tenant_id = $1 and s.id = $2 and ($3::uuid is null or s.connector_id = $3)`,
    [id, connectorId ?? null],
    'agreed-subscription',
  );
  if (!row) throw new SubscriptionNotFound(id);
  return agreed(row);
}
