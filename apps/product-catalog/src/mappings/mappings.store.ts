import { PartNumberMappedV1, PartNumberUnmappedV1 } from '@isthmus/contracts';
import { PartNumber } from '@isthmus/domain';
import { emitMany, event, type SqlClient } from '@isthmus/messaging';
import type { TenantRows } from '@isthmus/service-kit';
import { mirrorId } from '@isthmus/sync-engine';
import type { EntityManager } from '@mikro-orm/postgresql';
import { reevaluatePartNumbers, registerPartNumbers } from '../part-numbers/part-numbers.store.ts';
import { differences } from '../part-numbers/resolution.ts';
import { ProductNotFound } from '../products/product.ts';
import { Product } from '../products/products.store.ts';
import { type MappingSource, PartNumberMapping } from './mapping.entity.ts';
import { MappingContradicts, MappingIsAlias, ProductWithdrawn } from './mappings.errors.ts';

/** The author of a mapping, and the catalogue it belongs to. */
interface Mapper {
  tenantId: string;
  connectorId: string;
  by: string;
  source: MappingSource;
}

interface RequestedMapping {
  partNumber: PartNumber;
  /** The questions it applies to; '' for any. */
  billingPeriod: string;
  term: string;
  /** Null: excluded. Undefined: unmapped. */
  productId: string | null | undefined;
  /** The product is shown by it; if left out, a mapping that is already the alias stays the alias. */
  alias?: boolean;
  reason: string;
}

interface WrittenMapping {
  id: string;
  partNumber: string;
  key: string;
  billingPeriod: string;
  term: string;
  productId: string | null;
  cmpProductId: string | null;
  alias: boolean;
  version: number;
  reason: string;
}

/** The effect of the requested mappings, by number of rows. Those that were already active are not counted. */
interface MappingEffect {
  mapped: number;
  unmapped: number;
}

// Many mappings in one statement each: the requested ones are passed as one JSON array.
const incoming = `json_to_recordset($3) as w(id uuid, part_number text, key text, billing_period text, term text, product_id uuid,
  unmap boolean, alias boolean, reason text)`;
const same = `m.tenant_id = $1 and m.connector_id = $2 and m.part_number_key = w.key and m.billing_period = w.billing_period
  and m.term = w.term and m.ended_at is null`;
const returned = `m.id, m.part_number as "partNumber", m.part_number_key as key, m.billing_period as "billingPeriod", m.term,
  m.product_id as "productId", m.alias, m.version`;

/**
 * Activates mappings, ends those they replace, and publishes both, in the caller's transaction. History is kept. One writer
 * per connector at a time, because a part number has one active mapping.
 * @param requested at most one for a part number with its periods; the products are known to exist
 * @throws MappingIsAlias for one with periods whose part number is an alias
 */
export async function writeMappings(
  client: SqlClient,
  mapper: Mapper,
  requested: readonly RequestedMapping[],
): Promise<MappingEffect> {
  if (!requested.length) return { mapped: 0, unmapped: 0 };
  const { tenantId, connectorId, by, source } = mapper;
  await lockMappings(client, connectorId);
  await refuseAliases(client, mapper, requested);
  const values = [tenantId, connectorId, JSON.stringify(requested.map((one) => toRow(one)))];
  const ended = await client.query<WrittenMapping & { unmap: boolean }>(
    `update part_number_mappings m set ended_at = now(), ended_by = $4, end_reason = w.reason from ${incoming}
     where ${same} and (w.unmap or m.product_id is distinct from w.product_id or (w.alias and not m.alias))
     returning ${returned}, w.reason, w.unmap`,
    [...values, by],
  );
  const made = await client.query<WrittenMapping>(
    `insert into part_number_mappings as m (id, tenant_id, connector_id, part_number, part_number_key, billing_period, term,
       product_id, alias, version, source, reason, mapped_by, mapped_at)
     select w.id, $1, $2, w.part_number, w.key, w.billing_period, w.term, w.product_id, w.alias,
       1 + coalesce((select max(o.version) from part_number_mappings o where o.connector_id = $2 and o.part_number_key = w.key
         and o.billing_period = w.billing_period and o.term = w.term), 0), $4, w.reason, $5, now()
     from ${incoming}
     where not w.unmap and not exists (select from part_number_mappings m where ${same})
     returning ${returned}, m.reason,
       (select coalesce(p.cmp_product_id, p.cmp_id) from products p where p.id = m.product_id) as "cmpProductId"`,
    [...values, source, by],
  );
  const unmapped = ended.rows.filter(({ unmap }) => unmap);
  await registerPartNumbers(client, mapper, requested);
  const keys = [...unmapped, ...made.rows].map(({ key }) => key);
  if (keys.length) await reevaluatePartNumbers(client, { tenantId, connectorId, keys });
  await emitMany(client, [
    ...unmapped.map((row) => event(PartNumberUnmappedV1, eventData(row, mapper), metadata(row, mapper, 1))),
    ...made.rows.map((row) =>
      event(
        PartNumberMappedV1,
        {
          ...eventData(row, mapper),
          excluded: row.productId === null,
          ...(row.alias ? { alias: true } : {}),
          productId: row.productId ?? undefined,
          cmpProductId: row.cmpProductId ?? undefined,
        },
        metadata(row, mapper, 0),
      ),
    ),
  ]);
  return { mapped: made.rows.length, unmapped: unmapped.length };
}

/** Until the transaction ends, no one else can change the mappings of this connector. */
export const lockMappings = (client: SqlClient, connectorId: string): Promise<unknown> =>
  client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`mappings ${connectorId}`]);

async function refuseAliases(
  client: SqlClient,
  { tenantId, connectorId }: Mapper,
  requested: readonly RequestedMapping[],
): Promise<void> {
  const keys = requested
    .filter(({ billingPeriod, term, productId }) => productId !== undefined && (billingPeriod || term))
    .map(({ partNumber }) => PartNumber.key(partNumber));
  if (!keys.length) return;
  const { rows } = await client.query<{ partNumber: string }>(
    `select part_number as "partNumber" from part_number_mappings
     where tenant_id = $1 and connector_id = $2 and part_number_key = any($3) and alias and ended_at is null limit 1`,
    [tenantId, connectorId, keys],
  );
  if (rows[0]) throw new MappingIsAlias(rows[0].partNumber);
}

const toRow = ({ partNumber, billingPeriod, term, productId, alias = false, reason }: RequestedMapping) => ({
  id: crypto.randomUUID(),
  part_number: PartNumber.print(partNumber),
  key: PartNumber.key(partNumber),
  billing_period: billingPeriod,
  term,
  product_id: productId ?? null,
  unmap: productId === undefined,
  alias,
  reason,
});

const eventData = (row: WrittenMapping, { connectorId, by }: Mapper) => ({
  connectorId,
  mappingId: row.id,
  partNumber: row.partNumber,
  billingPeriod: row.billingPeriod || undefined,
  term: row.term || undefined,
  by,
  reason: row.reason,
});

/** Mapped and unmapped alternate, so each version of a mapping has two event versions. */
const metadata = (row: WrittenMapping, mapper: Mapper, ended: 0 | 1) => ({
  tenantId: mapper.tenantId,
  aggregateId: mirrorId(mapper, 'part-number-mapping', `${row.key} ${row.billingPeriod} ${row.term}`),
  version: row.version * 2 + ended,
});

/** Every mapping a part number ever had, newest first. */
export function mappingHistory(
  em: EntityManager,
  connectorId: string,
  partNumberKey: string,
): Promise<PartNumberMapping[]> {
  const orderBy = { mappedAt: 'desc', version: 'desc' } as const;
  return em.find(PartNumberMapping, { connectorId, partNumberKey }, { orderBy, limit: 1_000 });
}

interface MappingKey {
  connectorId: string;
  key: string;
  /** '' for any. */
  billingPeriod: string;
  term: string;
}

/** The active one for exactly these periods. */
export function mappingInForce(
  em: EntityManager,
  { connectorId, key, billingPeriod, term }: MappingKey,
): Promise<PartNumberMapping | null> {
  return em.findOne(PartNumberMapping, {
    connectorId,
    partNumberKey: key,
    billingPeriod,
    term,
    endedAt: null,
  });
}

/** The effect of mapping a part number. */
export interface MappingPreview {
  /** Entries of the queue, by period, that the mapping would apply to. */
  partNumbers: number;
  /** Live subscriptions that use them … */
  subscriptions: number;
  /** … of which this many now resolve to another product, and this many to none. */
  subscriptionsMoved: number;
  subscriptionsPlaced: number;
}

/** Counts what a mapping for these periods would reach, in one statement; more specific mappings keep precedence. */
export async function previewMapping(
  rows: TenantRows,
  mapping: MappingKey & { productId: string | null },
): Promise<MappingPreview> {
  const { connectorId, key, billingPeriod, term, productId } = mapping;
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

/**
 * Requires that a part number can be mapped to this product, for these periods ('' for any).
 * @throws ProductNotFound, also for one of another connector; ProductWithdrawn; MappingContradicts
 */
export async function requireProduct(
  em: EntityManager,
  key: { connectorId: string; billingPeriod: string; term: string },
  productId: string,
): Promise<void> {
  const product = await em.findOne(Product, { connectorId: key.connectorId, id: productId });
  if (!product) throw new ProductNotFound(productId);
  if (product.goneAt) throw new ProductWithdrawn(productId);
  const [period] = differences(key, product);
  if (period) throw new MappingContradicts(productId, period, key[period], product[period]!);
}
