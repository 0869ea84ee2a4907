import { PartNumberMappedV1, PartNumberUnmappedV1 } from '@isthmus/contracts';
import { PartNumber } from '@isthmus/domain';
import { emitMany, event, type Statements } from '@isthmus/messaging';
import type { TenantRows } from '@isthmus/service-kit';
import { mirrorId } from '@isthmus/sync-engine';
import { defineEntity, p } from '@mikro-orm/core';
import { reevaluatePartNumbers, registerPartNumbers } from '../part-numbers/part-numbers.store.ts';
import { differences, type WithPeriods } from '../part-numbers/resolution.ts';
import { ProductNotFound } from '../products/product.ts';
import { MappingContradicts, MappingIsAlias, ProductWithdrawn } from './mappings.errors.ts';

export const mappingSources = ['person', 'suggestion', 'import'] as const;
export type MappingSource = (typeof mappingSources)[number];

const schema = defineEntity({
  name: 'PartNumberMapping',
  tableName: 'part_number_mappings',
  checks: [{ expression: `not alias or (product_id is not null and billing_period = '' and term = '')` }],
  uniques: [
    {
      name: 'part_number_mappings_in_force',
      properties: ['connectorId', 'partNumberKey', 'billingPeriod', 'term'],
      where: 'ended_at is null',
    },
    {
      name: 'part_number_mappings_one_alias',
      properties: ['connectorId', 'productId'],
      where: 'alias and ended_at is null',
    },
  ],
  indexes: [
    { name: 'part_number_mappings_history', properties: ['connectorId', 'partNumberKey', 'version'] },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    /** As typed, and as looked up. */
    partNumber: p.text(),
    partNumberKey: p.text(),
    /** The questions it applies to; '' for any. */
    billingPeriod: p.text(),
    term: p.text(),
    /** Absent: the part number is excluded. */
    productId: p.uuid().nullable(),
    /** The product is shown by this part number; at most one active per product, and for any periods. */
    alias: p.boolean().default(false),
    /** Counts the mappings that this part number had for these questions. */
    version: p.integer(),
    source: p.enum(mappingSources),
    reason: p.text(),
    mappedBy: p.text(),
    mappedAt: p.datetime(),
    endedBy: p.text().nullable(),
    endedAt: p.datetime().nullable(),
    endReason: p.text().nullable(),
  },
});

/** A person's decision on what a part number stands for. Never changed: a new one ends the old one, which stays as history. */
export class PartNumberMapping extends schema.class {}
schema.setClass(PartNumberMapping);

/** Who maps, and in whose catalogue. */
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
  client: Statements,
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
export const lockMappings = (client: Statements, connectorId: string): Promise<unknown> =>
  client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`mappings ${connectorId}`]);

async function refuseAliases(
  client: Statements,
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

export interface MappingRow {
  id: string;
  connectorId: string;
  partNumber: string;
  billingPeriod: string;
  term: string;
  productId: string | null;
  alias: boolean;
  version: number;
  source: MappingSource;
  reason: string;
  mappedBy: string;
  mappedAt: Date | string;
  endedBy: string | null;
  endedAt: Date | string | null;
  endReason: string | null;
}

const select = `
  select m.id, m.connector_id as "connectorId", m.part_number as "partNumber", m.billing_period as "billingPeriod", m.term,
    m.product_id as "productId", m.alias, m.version, m.source, m.reason, m.mapped_by as "mappedBy", m.mapped_at as "mappedAt",
    m.ended_by as "endedBy", m.ended_at as "endedAt", m.end_reason as "endReason"
  from part_number_mappings m`;

/** Every mapping a part number ever had, newest first. */
export function mappingHistory(rows: TenantRows, connectorId: string, key: string): Promise<MappingRow[]> {
  return rows.select(
    `${select} where m.tenant_id = $1 and m.connector_id = $2 and m.part_number_key = $3
     order by m.mapped_at desc, m.version desc limit 1000`,
    [connectorId, key],
  );
}

/** The active one for exactly these periods. */
export async function mappingInForce(
  rows: TenantRows,
  {
    connectorId,
    key,
    billingPeriod,
    term,
  }: { connectorId: string; key: string; billingPeriod: string; term: string },
): Promise<MappingRow | undefined> {
  const [row] = await rows.select<MappingRow>(
    `${select} where m.tenant_id = $1 and m.connector_id = $2 and m.part_number_key = $3 and m.billing_period = $4
       and m.term = $5 and m.ended_at is null`,
    [connectorId, key, billingPeriod, term],
  );
  return row;
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

/** Counts what a mapping for these periods ('' for any) would reach; more specific mappings keep precedence. */
export async function previewMapping(
  rows: TenantRows,
  mapping: {
    connectorId: string;
    key: string;
    billingPeriod: string;
    term: string;
    productId: string | null;
  },
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
  rows: TenantRows,
  key: { connectorId: string; billingPeriod: string; term: string },
  productId: string,
): Promise<void> {
  const [product] = await rows.select<WithPeriods & { withdrawn: boolean }>(
    `select gone_at is not null as withdrawn, billing_period as "billingPeriod", term
     from products where tenant_id = $1 and connector_id = $2 and id = $3`,
    [key.connectorId, productId],
  );
  if (!product) throw new ProductNotFound(productId);
  if (product.withdrawn) throw new ProductWithdrawn(productId);
  const [period] = differences(key, product);
  if (period) throw new MappingContradicts(productId, period, key[period], product[period]!);
}
