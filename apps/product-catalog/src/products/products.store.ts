import type { CatalogRecordCounts, WithdrawalReason } from '@isthmus/contracts';
import { anywhere, Conditions, type TenantRows } from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import { type CatalogPrice, ProductNotFound } from './product.ts';

const schema = defineEntity({
  name: 'Product',
  tableName: 'products',
  indexes: [
    { name: 'products_by_part_number', properties: ['connectorId', 'mpnKey', 'vendorKey'] },
    {
      name: 'products_by_squeezed',
      expression:
        'create index products_by_squeezed on products (connector_id, mpn_squeezed text_pattern_ops)',
    },
    { name: 'products_by_words', properties: ['connectorId', 'nameKey'] },
    { name: 'products_by_cmp_id', properties: ['connectorId', 'cmpId'] },
    { name: 'products_by_name', properties: ['tenantId', 'name', 'id'] },
    { name: 'products_by_connector', properties: ['connectorId', 'id'] },
    { name: 'products_live', properties: ['tenantId', 'connectorId'], where: 'gone_at is null' },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    /** Identity at CMP: its id (PRD…), or vendor, mpn and periods where it has none. */
    cmpId: p.text(),
    hash: p.uuid(),
    readAt: p.datetime(),
    /** Withdrawn: a complete listing no longer had it. */
    goneAt: p.datetime().nullable(),
    /** Why it is withdrawn: `connector-removed`; otherwise CMP no longer lists it. */
    goneReason: p.text().nullable(),
    version: p.integer().default(1),
    /** CMP's own id, to be named in orders. */
    cmpProductId: p.text().nullable(),
    vendor: p.text(),
    mpn: p.text(),
    /** Vendor and mpn as they are looked up: without case. */
    vendorKey: p.text(),
    mpnKey: p.text(),
    /** For suggestions: the mpn as people copy it, and the words of the name. */
    mpnSqueezed: p.text(),
    nameKey: p.text(),
    name: p.text(),
    serviceName: p.text().nullable(),
    billingPeriod: p.text().nullable(),
    term: p.text().nullable(),
    billingModel: p.text().nullable(),
    minimum: p.decimal().columnType('numeric').nullable(),
    maximum: p.decimal().columnType('numeric').nullable(),
    prices: p.json<CatalogPrice[]>().columnType('json'),
    costs: p.json<CatalogPrice[]>().columnType('json'),
    dependsOn: p.json<{ mpn?: string; id?: string }[]>().columnType('json'),
    coterming: p.json<Record<string, string>>().columnType('json').nullable(),
  },
});

/** A product of CMP's catalogue as last read. Written by syncs only. */
export class Product extends schema.class {}
schema.setClass(Product);

/** The columns of a `CatalogProduct` over the alias `p`. */
export const catalogProductSql = `
  p.id, p.cmp_product_id as "cmpProductId", p.vendor, p.mpn, p.vendor_key as "vendorKey", p.mpn_key as "mpnKey", p.name,
  p.service_name as "serviceName", p.billing_period as "billingPeriod", p.term, p.billing_model as "billingModel",
  p.minimum::float8 as minimum, p.maximum::float8 as maximum, p.prices, p.costs, p.depends_on as "dependsOn",
  p.gone_at is not null as withdrawn`;

/** A product's active alias, over the alias `p`. */
export const productAliasSql = `(select m.part_number from part_number_mappings m
  where m.tenant_id = p.tenant_id and m.connector_id = p.connector_id and m.product_id = p.id and m.alias and m.ended_at is null)`;

/** How long an ISO period is as written: twelve months are a year. The same as `samePeriod`. */
export const periodLength = (period: string): string =>
  `case when right(${period}, 1) = 'Y' then (substr(${period}, 2, length(${period}) - 2)::int * 12) || 'M' else substr(${period}, 2) end`;

export interface ProductRow {
  id: string;
  connectorId: string;
  cmpProductId: string | null;
  vendor: string;
  mpn: string;
  alias: string | null;
  name: string;
  serviceName: string | null;
  billingPeriod: string | null;
  term: string | null;
  billingModel: string | null;
  minimum: number | null;
  maximum: number | null;
  prices: CatalogPrice[];
  costs: CatalogPrice[];
  dependsOn: { mpn?: string; id?: string }[];
  coterming: { required?: string; type?: string } | null;
  withdrawnAt: Date | null;
  withdrawalReason: WithdrawalReason | null;
  /** A row is written when it changes; an unchanged one is as fresh as the last complete listing that had it. */
  asOf: Date;
  version: number;
}

interface ProductFilter {
  connectorId?: string;
  vendor?: string;
  mpn?: string;
  q?: string;
  includeWithdrawn?: boolean;
}

const select = `
  select p.id, p.connector_id as "connectorId", p.cmp_product_id as "cmpProductId", p.vendor, p.mpn, ${productAliasSql} as alias, p.name,
    p.service_name as "serviceName", p.billing_period as "billingPeriod", p.term, p.billing_model as "billingModel",
    p.minimum::float8 as minimum, p.maximum::float8 as maximum, p.prices, p.costs, p.depends_on as "dependsOn", p.coterming,
    p.gone_at as "withdrawnAt", p.version,
    case when p.gone_at is not null then coalesce(p.gone_reason, 'no-longer-listed') end as "withdrawalReason",
    greatest(p.read_at, (
      select max(r.started_at) from sync_runs r
      where r.connector_id = p.connector_id and r.tenant_id = p.tenant_id and r.scope = 'products' and r.apply
        and r.status = 'succeeded' and r.complete)) as "asOf"
  from products p`;

/** By name; one row more than `limit` if there are more. */
export function listProducts(
  rows: TenantRows,
  filter: ProductFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<ProductRow[]> {
  const where = new Conditions('p.tenant_id = $1')
    .when(filter.connectorId, (id) => `p.connector_id = ${id}`)
    .when(filter.vendor?.toLowerCase(), (vendor) => `p.vendor_key = ${vendor}`)
    .when(filter.mpn?.toLowerCase(), (mpn) => `p.mpn_key = ${mpn}`)
    .when(
      filter.q && anywhere(filter.q),
      (q) => `concat_ws(' ', p.name, p.mpn, p.cmp_product_id, p.vendor) ilike ${q}`,
    )
    .after(after, 'p.name, p.id', ['text', 'uuid']);
  if (!filter.includeWithdrawn) where.and('p.gone_at is null');
  const more = where.param(limit + 1);
  return rows.select(`${select} where ${where} order by p.name, p.id limit ${more}`, where.values);
}

/** @throws ProductNotFound */
export async function readProduct(rows: TenantRows, id: string): Promise<ProductRow> {
  const [row] = await rows.select<ProductRow>(`${select} where p.tenant_id = $1 and p.id = $2`, [id]);
  if (!row) throw new ProductNotFound(id);
  return row;
}

/** What depends on a connector in this service. */
export async function countConnectorRecords(
  rows: TenantRows,
  connectorId: string,
): Promise<CatalogRecordCounts> {
  const [counts] = await rows.select<CatalogRecordCounts & Record<string, unknown>>(
    `select
       (select count(*)::int from products where tenant_id = $1 and connector_id = $2 and gone_at is null) as products,
       (select count(*)::int from part_number_mappings
        where tenant_id = $1 and connector_id = $2 and ended_at is null) as mappings`,
    [connectorId],
  );
  return counts!;
}
