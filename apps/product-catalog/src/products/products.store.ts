import type { CountCatalogRecordsResponse, WithdrawalReason } from '@isthmus/contracts';
import { statementsOf } from '@isthmus/messaging';
import { anywhere, type CursorKey } from '@isthmus/service-kit';
import { openStatuses, SyncRun } from '@isthmus/sync-engine';
import { defineEntity, p } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { PartNumberMapping } from '../mappings/mapping.entity.ts';
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
    goneAt: p.datetime().strictNullable(),
    /** `connector-removed` if the connector was removed; otherwise CMP stopped listing the product. */
    goneReason: p.text().$type<WithdrawalReason>().strictNullable(),
    version: p.integer().default(1),
    /** CMP's own id, to be named in orders. */
    cmpProductId: p.text().strictNullable(),
    vendor: p.text(),
    mpn: p.text(),
    /** Vendor and mpn as they are looked up: without case. */
    vendorKey: p.text(),
    mpnKey: p.text(),
    /** For suggestions: the MPN as normalised by `normalizeMpn`, and the words of the name. */
    mpnSqueezed: p.text(),
    nameKey: p.text(),
    name: p.text(),
    serviceName: p.text().strictNullable(),
    billingPeriod: p.text().strictNullable(),
    term: p.text().strictNullable(),
    billingModel: p.text().strictNullable(),
    minimum: p.decimal('number').columnType('numeric').strictNullable(),
    maximum: p.decimal('number').columnType('numeric').strictNullable(),
    prices: p.json<CatalogPrice[]>().columnType('json'),
    costs: p.json<CatalogPrice[]>().columnType('json'),
    dependsOn: p.json<{ mpn?: string; id?: string }[]>().columnType('json'),
    coterming: p.json<{ required?: string; type?: string }>().columnType('json').strictNullable(),
  },
});

/** A product of CMP's catalogue as last read. Written by syncs only. */
export class Product extends schema.class {}
schema.setClass(Product);

const statements = statementsOf<typeof Product | typeof PartNumberMapping | typeof SyncRun>();

/** The columns of a `CatalogProduct` over the alias `p`. */
export const catalogProductSql = `
  p.id, p.cmp_product_id as "cmpProductId", p.vendor, p.mpn, p.vendor_key as "vendorKey", p.mpn_key as "mpnKey", p.name,
  p.service_name as "serviceName", p.billing_period as "billingPeriod", p.term, p.billing_model as "billingModel",
  p.minimum::float8 as minimum, p.maximum::float8 as maximum, p.prices, p.costs, p.depends_on as "dependsOn",
  p.gone_at is not null as withdrawn`;

/** A product's active alias, over the alias `p`. */
export const productAliasSql = `(select m.part_number from part_number_mappings m
  where m.tenant_id = p.tenant_id and m.connector_id = p.connector_id and m.product_id = p.id and m.alias and m.ended_at is null)`;

/** SQL for the length of an ISO period; twelve months are a year. Equivalent to `samePeriod`. */
export const periodLength = (period: string): string =>
  `case when right(${period}, 1) = 'Y' then (substr(${period}, 2, length(${period}) - 2)::int * 12) || 'M' else substr(${period}, 2) end`;

/** A product with its alias in force, and as of when it is known. */
export type ListedProduct = Awaited<ReturnType<typeof readProduct>>;

interface ProductFilter {
  connectorId?: string;
  vendor?: string;
  mpn?: string;
  q?: string;
  includeWithdrawn?: boolean;
}

/** Ordered by name; returns `limit + 1` rows if there are more pages. */
export function listProducts(
  em: EntityManager,
  tenantId: string,
  filter: ProductFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<ListedProduct[]> {
  const { connectorId, vendor, mpn, q, includeWithdrawn = false } = filter;
  return selectProducts(em, tenantId)
    .$if(connectorId !== undefined, (query) => query.where('p.connectorId', '=', connectorId!))
    .$if(vendor !== undefined, (query) => query.where('p.vendorKey', '=', vendor!.toLowerCase()))
    .$if(mpn !== undefined, (query) => query.where('p.mpnKey', '=', mpn!.toLowerCase()))
    .$if(q !== undefined, (query) =>
      query.where(
        ({ fn, val }) => fn<string>('concat_ws', [val(' '), 'p.name', 'p.mpn', 'p.cmpProductId', 'p.vendor']),
        'ilike',
        anywhere(q!),
      ),
    )
    .$if(!includeWithdrawn, (query) => query.where('p.goneAt', 'is', null))
    .$if(after !== undefined, (query) =>
      query.where(({ eb, refTuple, tuple }) => {
        const [name, id] = after as [string, string];
        return eb(refTuple('p.name', 'p.id'), '>', tuple(eb.val(name), eb.val(id)));
      }),
    )
    .orderBy('p.name')
    .orderBy('p.id')
    .limit(limit + 1)
    .execute();
}

/** @throws ProductNotFound */
export async function readProduct(em: EntityManager, tenantId: string, id: string) {
  const product = await selectProducts(em, tenantId).where('p.id', '=', id).executeTakeFirst();
  if (!product) throw new ProductNotFound(id);
  return product;
}

function selectProducts(em: EntityManager, tenantId: string) {
  return statements(em)
    .selectFrom('Product as p')
    .select([
      'p.id',
      'p.connectorId',
      'p.cmpProductId',
      'p.vendor',
      'p.mpn',
      'p.name',
      'p.serviceName',
      'p.billingPeriod',
      'p.term',
      'p.billingModel',
      'p.minimum',
      'p.maximum',
      'p.prices',
      'p.costs',
      'p.dependsOn',
      'p.coterming',
      'p.goneAt',
      'p.goneReason',
      'p.version',
    ])
    .select((eb) => [
      eb
        .selectFrom('PartNumberMapping as m')
        .select('m.partNumber')
        .whereRef('m.tenantId', '=', 'p.tenantId')
        .whereRef('m.connectorId', '=', 'p.connectorId')
        .whereRef('m.productId', '=', 'p.id')
        .where('m.alias', '=', true)
        .where('m.endedAt', 'is', null)
        .as('aliasPartNumber'),
      // A row is written when it changes; an unchanged one is as fresh as the last complete listing that had it.
      eb
        .fn<Date>('greatest', [
          'p.readAt',
          eb
            .selectFrom('SyncRun as r')
            .select(({ fn }) => fn.max('r.startedAt').as('startedAt'))
            .whereRef('r.connectorId', '=', 'p.connectorId')
            .whereRef('r.tenantId', '=', 'p.tenantId')
            .where('r.scope', '=', 'products')
            .where('r.apply', '=', true)
            .where('r.status', '=', 'succeeded')
            .where('r.complete', '=', true),
        ])
        .as('asOf'),
    ])
    .where('p.tenantId', '=', tenantId);
}

/** Counts the records that depend on a connector in this service. */
export async function countConnectorRecords(
  em: EntityManager,
  connectorId: string,
): Promise<CountCatalogRecordsResponse> {
  return {
    products: await em.count(Product, { connectorId, goneAt: null }),
    mappings: await em.count(PartNumberMapping, { connectorId, endedAt: null }),
    openRuns: await em.count(SyncRun, { connectorId, status: { $in: [...openStatuses] } }),
  };
}
