import { PartNumberMappedV1, PartNumberUnmappedV1 } from '@isthmus/contracts';
import { PartNumber } from '@isthmus/domain';
import { emitMany, event, type Statements } from '@isthmus/messaging';
import { mirrorId } from '@isthmus/sync-engine';
import { MappingIsAlias } from '../domain/mapping.errors.ts';
import type { MappingSource } from '../domain/part-number-mapping.entity.ts';
import { judgePartNumbers } from './judge-part-numbers.ts';
import { knowPartNumbers } from './know-part-numbers.ts';

/** Who maps, in whose catalogue. */
export interface Mapper {
  tenantId: string;
  connectorId: string;
  by: string;
  source: MappingSource;
}

export interface WantedMapping {
  partNumber: PartNumber;
  /** The questions it holds for; '' for any. */
  billingPeriod: string;
  term: string;
  /** Null: excluded. Undefined: no mapping any more. */
  productId: string | null | undefined;
  /** Reads show the product by it; left out, a mapping that is the alias already stays so. */
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

/** What became of the wanted mappings, by number of rows. Those that were so already are in neither. */
export interface MappingEffect {
  mapped: number;
  unmapped: number;
}

const incoming = `json_to_recordset($3) as w(id uuid, part_number text, key text, billing_period text, term text, product_id uuid,
  unmap boolean, alias boolean, reason text)`;
const same = `m.tenant_id = $1 and m.connector_id = $2 and m.part_number_key = w.key and m.billing_period = w.billing_period
  and m.term = w.term and m.ended_at is null`;
const told = `m.id, m.part_number as "partNumber", m.part_number_key as key, m.billing_period as "billingPeriod", m.term,
  m.product_id as "productId", m.alias, m.version`;

/**
 * Puts mappings in force, ends those they replace, and says so, in the caller's transaction. History stays. One writer per
 * connector at a time, as a part number has one mapping in force.
 * @param wanted at most one for a part number with its periods; the products are known to be there
 * @throws MappingIsAlias for one with periods whose part number is an alias
 */
export async function writeMappings(
  client: Statements,
  mapper: Mapper,
  wanted: readonly WantedMapping[],
): Promise<MappingEffect> {
  if (!wanted.length) return { mapped: 0, unmapped: 0 };
  const { tenantId, connectorId, by, source } = mapper;
  await lockMappings(client, connectorId);
  await refuseAliases(client, mapper, wanted);
  const values = [tenantId, connectorId, JSON.stringify(wanted.map((one) => asRow(one)))];
  const ended = await client.query<WrittenMapping & { unmap: boolean }>(
    `update part_number_mappings m set ended_at = now(), ended_by = $4, end_reason = w.reason from ${incoming}
     where ${same} and (w.unmap or m.product_id is distinct from w.product_id or (w.alias and not m.alias))
     returning ${told}, w.reason, w.unmap`,
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
     returning ${told}, m.reason,
       (select coalesce(p.cmp_product_id, p.cmp_id) from products p where p.id = m.product_id) as "cmpProductId"`,
    [...values, source, by],
  );
  const unmapped = ended.rows.filter(({ unmap }) => unmap);
  await knowPartNumbers(client, mapper, wanted);
  const keys = [...unmapped, ...made.rows].map(({ key }) => key);
  if (keys.length) await judgePartNumbers(client, { tenantId, connectorId, keys });
  await emitMany(client, [
    ...unmapped.map((row) => event(PartNumberUnmappedV1, facts(row, mapper), about(row, mapper, 1))),
    ...made.rows.map((row) =>
      event(
        PartNumberMappedV1,
        {
          ...facts(row, mapper),
          excluded: row.productId === null,
          ...(row.alias ? { alias: true } : {}),
          productId: row.productId ?? undefined,
          cmpProductId: row.cmpProductId ?? undefined,
        },
        about(row, mapper, 0),
      ),
    ),
  ]);
  return { mapped: made.rows.length, unmapped: unmapped.length };
}

/** Until the transaction ends, nobody else changes the mappings of this connector. */
export const lockMappings = (client: Statements, connectorId: string): Promise<unknown> =>
  client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`mappings ${connectorId}`]);

async function refuseAliases(
  client: Statements,
  { tenantId, connectorId }: Mapper,
  wanted: readonly WantedMapping[],
): Promise<void> {
  const keys = wanted
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

const asRow = ({ partNumber, billingPeriod, term, productId, alias = false, reason }: WantedMapping) => ({
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

const facts = (row: WrittenMapping, { connectorId, by }: Mapper) => ({
  connectorId,
  mappingId: row.id,
  partNumber: row.partNumber,
  billingPeriod: row.billingPeriod || undefined,
  term: row.term || undefined,
  by,
  reason: row.reason,
});

/** Mapped and unmapped take turns, so each version of a mapping has two places. */
const about = (row: WrittenMapping, owner: Mapper, ended: 0 | 1) => ({
  tenantId: owner.tenantId,
  aggregateId: mirrorId(owner, 'part-number-mapping', `${row.key} ${row.billingPeriod} ${row.term}`),
  version: row.version * 2 + ended,
});
