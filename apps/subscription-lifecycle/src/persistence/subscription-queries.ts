import { Conditions, isoTime, type CursorKey, type TenantRows } from '@isthmus/service-kit';
import { subscriptionColumns, type SubscriptionRow } from './subscription-row.ts';

export interface SubscriptionFilter {
  providerAccountId?: string;
  billingContractId?: string;
  status?: string;
}

export function listSubscriptions(
  rows: TenantRows,
  filter: SubscriptionFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<SubscriptionRow[]> {
  const where = new Conditions('s.tenant_id = $1')
    .when(filter.providerAccountId, (p) => `s.provider_account_id = ${p}::uuid`)
    .when(filter.billingContractId, (p) => `s.billing_contract_id = ${p}::uuid`)
    .when(filter.status, (p) => `s.status = ${p}`)
    .after(after, 's.id', ['uuid']);
  const end = where.param(limit + 1);
  return rows.select(
    `select ${subscriptionColumns} from subscriptions s where ${where} order by s.id limit ${end}`,
    where.values,
  );
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
