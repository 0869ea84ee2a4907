import { Conditions, isoTime, type CursorKey, type TenantRows } from '@isthmus/service-kit';
import { endedStatuses } from '../domain/subscription/subscription-record.ts';
import { subscriptionColumns, type SubscriptionRow } from './subscription-row.ts';

/** As account-sync's lists have it. */
export const endedFilters = ['exclude', 'include', 'only'] as const;

export interface SubscriptionFilter {
  connectorId?: string | undefined;
  providerAccountId?: string | undefined;
  billingContractId?: string | undefined;
  /** Whether on a billing contract. */
  assigned?: 'true' | 'false' | undefined;
  status?: string | undefined;
  /** Live ones only, unless a status is asked for. */
  ended?: (typeof endedFilters)[number] | undefined;
}

function matching(filter: SubscriptionFilter): Conditions {
  const { ended = filter.status === undefined ? 'exclude' : 'include' } = filter;
  const where = new Conditions('s.tenant_id = $1')
    .when(filter.connectorId, (p) => `s.connector_id = ${p}::uuid`)
    .when(filter.providerAccountId, (p) => `s.provider_account_id = ${p}::uuid`)
    .when(filter.billingContractId, (p) => `s.billing_contract_id = ${p}::uuid`)
    .when(filter.status, (p) => `s.status = ${p}`);
  if (filter.assigned) where.and(`s.billing_contract_id is ${filter.assigned === 'true' ? 'not ' : ''}null`);
  if (ended === 'include') return where;
  const over = `(s.ended_at is not null or s.status = any(${where.param(endedStatuses)}))`;
  return where.and(ended === 'only' ? over : `not ${over}`);
}

export function listSubscriptions(
  rows: TenantRows,
  filter: SubscriptionFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<SubscriptionRow[]> {
  const where = matching(filter).after(after, 's.id', ['uuid']);
  const end = where.param(limit + 1);
  return rows.select(
    `select ${subscriptionColumns} from subscriptions s where ${where} order by s.id limit ${end}`,
    where.values,
  );
}

/** The ids alone, by id; one more than `limit` when there are more. */
export async function subscriptionIds(
  rows: TenantRows,
  filter: SubscriptionFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<string[]> {
  const where = matching(filter).after(after, 's.id', ['uuid']);
  const end = where.param(limit + 1);
  const found = await rows.select<{ id: string }>(
    `select s.id from subscriptions s where ${where} order by s.id limit ${end}`,
    where.values,
  );
  return found.map(({ id }) => id);
}

interface ChangeRow {
  position: string;
  at: Date;
  source: string;
  by: string;
  orderId: string | null;
  correlationId: string;
  changes: object[];
}

/** The newest first. */
export async function changesOf(
  rows: TenantRows,
  subscriptionId: string,
  after: CursorKey | undefined,
  limit: number,
) {
  const where = new Conditions('tenant_id = $1')
    .when(subscriptionId, (p) => `subscription_id = ${p}::uuid`)
    .after(after, 'id', ['bigint'], '<');
  const end = where.param(limit + 1);
  const found = await rows.select<ChangeRow>(
    `select id as position, at, source, by, order_id as "orderId", correlation_id as "correlationId", changes
     from subscription_history where ${where} order by id desc limit ${end}`,
    where.values,
  );
  return found.map((row) => ({ ...row, at: isoTime(row.at) }));
}
