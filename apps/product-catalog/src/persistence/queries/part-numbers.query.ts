import { anywhere, Conditions, type TenantRows } from '@isthmus/service-kit';
import type { MappingState } from '../../domain/known-part-number.entity.ts';

export interface PartNumberRow {
  id: string;
  connectorId: string;
  partNumber: string;
  key: string;
  billingPeriod: string;
  term: string;
  state: MappingState;
  productId: string | null;
  decidedBy: 'mapping' | 'rule' | null;
  candidateCount: number;
  reason: string | null;
  seenName: string | null;
  /** Live provider subscriptions that use it. */
  subscriptions: number;
  firstSeenAt: Date;
  judgedAt: Date;
}

export interface PartNumberFilter {
  connectorId?: string;
  state?: MappingState;
  q?: string;
}

/** Nobody has to decide anything for a connector that was removed. */
const ofLiveConnector = `not exists (
  select from connectors c where c.connector_id = n.connector_id and c.tenant_id = $1 and c.status = 'removed')`;

/** The mapping queue, by part number; one row more than `limit` when there are more. */
export function listPartNumbers(
  rows: TenantRows,
  filter: PartNumberFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<PartNumberRow[]> {
  const where = new Conditions('n.tenant_id = $1')
    .when(filter.connectorId, (id) => `n.connector_id = ${id}`)
    .when(filter.state, (state) => `n.state = ${state}`)
    .when(filter.q && anywhere(filter.q), (q) => `concat_ws(' ', n.part_number, n.seen_name) ilike ${q}`)
    .after(after, 'n.part_number_key, n.id', ['text', 'uuid']);
  where.and(ofLiveConnector);
  const more = where.param(limit + 1);
  return rows.select(
    `select n.id, n.connector_id as "connectorId", n.part_number as "partNumber", n.part_number_key as key,
       n.billing_period as "billingPeriod", n.term, n.state, n.product_id as "productId", n.decided_by as "decidedBy",
       n.candidate_count as "candidateCount", n.reason, n.seen_name as "seenName", n.first_seen_at as "firstSeenAt",
       n.judged_at as "judgedAt",
       (select count(distinct u.provider_subscription_id)::int from subscription_uses u where u.part_number_id = n.id) as subscriptions
     from part_numbers n where ${where} order by n.part_number_key, n.id limit ${more}`,
    where.values,
  );
}

export interface StateCount {
  state: MappingState;
  partNumbers: number;
  subscriptions: number;
}

/** How many part numbers are in each state, and how many live subscriptions use them. */
export function countStates(rows: TenantRows, connectorId?: string): Promise<StateCount[]> {
  const where = new Conditions('n.tenant_id = $1').when(connectorId, (id) => `n.connector_id = ${id}`);
  where.and(ofLiveConnector);
  return rows.select(
    `select n.state, count(distinct n.id)::int as "partNumbers", count(distinct u.provider_subscription_id)::int as subscriptions
     from part_numbers n left join subscription_uses u on u.part_number_id = n.id
     where ${where} group by n.state`,
    where.values,
  );
}
