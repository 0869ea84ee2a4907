import type { TenantRows } from '@isthmus/service-kit';

/** A line of an export; the names are the file's columns. */
export interface ExportedMapping {
  part_number: string;
  billing_period: string;
  term: string;
  state: string;
  product_id: string;
  action: string;
  reason: string;
  vendor: string;
  mpn: string;
  product_name: string;
  subscriptions: number;
  mapped_by: string;
  mapped_at: string;
}

const batchSize = 1_000;

/** Mappings in force, and part numbers that wait for one, in order; read in batches, so that any number needs the same memory. */
export async function* exportMappings(
  rows: TenantRows,
  connectorId: string,
): AsyncGenerator<ExportedMapping> {
  let after = ['', '', ''];
  for (;;) {
    const batch = await rows.select<ExportedMapping & { key: string }>(
      `with lines as (
         select m.part_number_key as key, m.part_number, m.billing_period, m.term, m.product_id, m.reason, m.mapped_by, m.mapped_at,
           case when m.product_id is null then 'excluded' else 'mapped' end as state,
           case when m.product_id is null then 'exclude' else 'map' end as action
         from part_number_mappings m where m.tenant_id = $1 and m.connector_id = $2 and m.ended_at is null
         union all
         select n.part_number_key, n.part_number, n.billing_period, n.term, null, '', null, null, n.state, ''
         from part_numbers n where n.tenant_id = $1 and n.connector_id = $2 and n.state in ('unmapped', 'ambiguous')
           and not exists (
             select from part_number_mappings m where m.connector_id = n.connector_id and m.part_number_key = n.part_number_key
               and m.billing_period = n.billing_period and m.term = n.term and m.ended_at is null))
       select l.key, l.part_number, l.billing_period, l.term, l.state, coalesce(p.cmp_id, '') as product_id, l.action, l.reason,
         coalesce(p.vendor, '') as vendor, coalesce(p.mpn, '') as mpn, coalesce(p.name, '') as product_name,
         (select count(distinct u.provider_subscription_id)::int from part_numbers n
          join subscription_uses u on u.part_number_id = n.id
          where n.connector_id = $2 and n.part_number_key = l.key and (l.billing_period in ('', n.billing_period))
            and (l.term in ('', n.term))) as subscriptions,
         coalesce(l.mapped_by, '') as mapped_by,
         coalesce(to_char(l.mapped_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '') as mapped_at
       from lines l left join products p on p.id = l.product_id
       where (l.key, l.billing_period, l.term) > ($3, $4, $5)
       order by l.key, l.billing_period, l.term limit ${batchSize}`,
      [connectorId, ...after],
    );
    for (const { key: _, ...line } of batch) yield line;
    const last = batch.at(-1);
    if (!last || batch.length < batchSize) return;
    after = [last.key, last.billing_period, last.term];
  }
}
