import type { TenantRows } from '@isthmus/service-kit';

/** What mapping a part number would do. */
export interface MappingPreview {
  /** Known uses of it, by period, that the mapping would hold for. */
  partNumbers: number;
  /** Live subscriptions behind them … */
  subscriptions: number;
  /** … of which so many resolve to another product now, and so many to none. */
  subscriptionsMoved: number;
  subscriptionsPlaced: number;
}

/** Counts what a mapping for these periods ('' for any) would reach; more particular mappings keep their own. */
export async function previewMapping(
  rows: TenantRows,
  wanted: { connectorId: string; key: string; billingPeriod: string; term: string; productId: string | null },
): Promise<MappingPreview> {
  const { connectorId, key, billingPeriod, term, productId } = wanted;
  const [counts] = await rows.select<MappingPreview & Record<string, number>>(
    `select count(distinct n.id)::int as "partNumbers",
       count(distinct u.provider_subscription_id)::int as subscriptions,
       count(distinct u.provider_subscription_id) filter (where n.product_id <> $6)::int as "subscriptionsMoved",
       count(distinct u.provider_subscription_id) filter (where n.product_id is null and $6::uuid is not null)::int
         as "subscriptionsPlaced"
     from part_numbers n left join subscription_uses u on u.part_number_id = n.id
     where n.tenant_id = $1 and n.connector_id = $2 and n.part_number_key = $3
       and ($4 = '' or n.billing_period = $4) and ($5 = '' or n.term = $5)
       and not exists (
         select from part_number_mappings m
         where m.connector_id = n.connector_id and m.part_number_key = n.part_number_key and m.ended_at is null
           and (m.billing_period = n.billing_period or m.billing_period = '') and (m.term = n.term or m.term = '')
           and (m.billing_period <> '')::int + (m.term <> '')::int > ($4 <> '')::int + ($5 <> '')::int)`,
    [connectorId, key, billingPeriod, term, productId],
  );
  return counts!;
}
