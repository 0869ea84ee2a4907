import { anywhere, Conditions, type TenantRows } from '@isthmus/service-kit';

export interface AliasInForce {
  connectorId: string;
  partNumber: string;
  key: string;
  productId: string;
  vendor: string;
  mpn: string;
  name: string;
  term: string | null;
  billingPeriod: string | null;
  withdrawn: boolean;
  reason: string;
  mappedBy: string;
  mappedAt: Date | string;
}

/** Aliases in force, by part number; one row more than `limit` when there are more. */
export function listAliases(
  rows: TenantRows,
  filter: { connectorId?: string; productId?: string; q?: string },
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<AliasInForce[]> {
  const where = new Conditions('m.tenant_id = $1')
    .and('m.alias and m.ended_at is null')
    .when(filter.connectorId, (id) => `m.connector_id = ${id}`)
    .when(filter.productId, (id) => `m.product_id = ${id}`)
    .when(filter.q && anywhere(filter.q), (q) => `concat_ws(' ', m.part_number, p.name, p.mpn) ilike ${q}`)
    .after(after, 'm.part_number_key, m.product_id', ['text', 'uuid']);
  const more = where.param(limit + 1);
  return rows.select(
    `select m.connector_id as "connectorId", m.part_number as "partNumber", m.part_number_key as key,
       m.product_id as "productId", p.vendor, p.mpn, p.name, p.term, p.billing_period as "billingPeriod",
       p.gone_at is not null as withdrawn, m.reason, m.mapped_by as "mappedBy", m.mapped_at as "mappedAt"
     from part_number_mappings m join products p on p.id = m.product_id and p.tenant_id = m.tenant_id
     where ${where} order by m.part_number_key, m.product_id limit ${more}`,
    where.values,
  );
}
