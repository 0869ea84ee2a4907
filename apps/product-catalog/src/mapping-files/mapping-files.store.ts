import { randomUUID } from 'node:crypto';
import { DomainError, PartNumber } from '@isthmus/domain';
import { clientIn, type CursorKey, tenantOfTransaction, type TenantRows } from '@isthmus/service-kit';
import { defineEntity, LockMode, p, raw } from '@mikro-orm/core';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { writeMappings } from '../mappings/mappings.store.ts';
import { evaluateImport } from './import-evaluation.store.ts';
import type { ExportedMapping, ParsedRow } from './mapping-csv.ts';

export const importStatuses = ['reading', 'previewed', 'applied'] as const;
export type ImportStatus = (typeof importStatuses)[number];

const importSchema = defineEntity({
  name: 'MappingImport',
  tableName: 'mapping_imports',
  indexes: [
    {
      name: 'mapping_imports_by_time',
      columns: [{ name: 'tenantId' }, { name: 'createdAt', sort: 'desc' }, { name: 'id', sort: 'desc' }],
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    status: p.enum(importStatuses),
    /** Rows by outcome. */
    counts: p.json<Partial<Record<ImportOutcome, number>>>().columnType('json'),
    createdBy: p.text(),
    createdAt: p.datetime(),
    appliedBy: p.text().strictNullable(),
    appliedAt: p.datetime().strictNullable(),
  },
});

/** A file of mappings: read and evaluated first, applied on request. */
export class MappingImport extends importSchema.class {}
importSchema.setClass(MappingImport);

/** The effect of a row, or why it has none. */
export const importOutcomes = [
  'map',
  'change',
  'exclude',
  'unmap',
  'unchanged',
  'duplicate',
  'refused',
] as const;
export type ImportOutcome = (typeof importOutcomes)[number];

const rowSchema = defineEntity({
  name: 'MappingImportRow',
  tableName: 'mapping_import_rows',
  indexes: [
    {
      name: 'mapping_import_rows_by_key',
      properties: ['importId', 'partNumberKey', 'billingPeriod', 'term', 'row'],
    },
  ],
  properties: {
    importId: p.uuid().primary(),
    /** Counted from 1, without the header. */
    row: p.integer().primary(),
    tenantId: tenantOfTransaction(),
    /** The last line of the row in the file. */
    line: p.integer(),
    partNumber: p.text(),
    partNumberKey: p.text().strictNullable(),
    billingPeriod: p.text().strictNullable(),
    term: p.text().strictNullable(),
    action: p.text().strictNullable(),
    /** The product as the file names it, and the one found. */
    product: p.text().strictNullable(),
    productId: p.uuid().strictNullable(),
    reason: p.text().strictNullable(),
    outcome: p.enum(importOutcomes),
    problem: p.text().strictNullable(),
    applied: p.boolean().default(false),
  },
});

/** A row of an import with its outcome. */
export class MappingImportRow extends rowSchema.class {}
rowSchema.setClass(MappingImportRow);

class ImportNotFound extends DomainError {
  static override readonly code = 'mapping-import.not-found';

  constructor(importId: string) {
    super(`There is no import ${importId}.`, { nextStep: 'Send the file again.' });
  }
}

class ImportAlreadyApplied extends DomainError {
  static override readonly code = 'mapping-import.already-applied';

  constructor(importId: string) {
    super(`Import ${importId} has already been applied.`, {
      nextStep: 'Send the file again to see what it would change now.',
    });
  }
}

const insertBatchSize = 1_000;

/** The owner of an import. */
interface ImportOwner {
  tenantId: string;
  connectorId: string;
  by: string;
}

/** Stores the rows of a file and evaluates them. */
@Injectable()
export class ImportStore {
  constructor(
    private readonly orm: MikroORM,
    private readonly pool: Pool,
  ) {}

  /**
   * Each batch is its own transaction, because the sender may be slow and a long transaction would hold up the outbox; until the
   * last batch, the import is `reading` and not visible. After a failure, all of it is removed.
   */
  async store({ tenantId, connectorId, by }: ImportOwner, rows: AsyncIterable<ParsedRow>): Promise<string> {
    const id = randomUUID();
    const em = this.orm.em.fork();
    const reading = { status: 'reading', counts: {}, appliedBy: null, appliedAt: null } as const;
    await em.insert(MappingImport, {
      id,
      tenantId,
      connectorId,
      createdBy: by,
      createdAt: new Date(),
      ...reading,
    });
    try {
      let batch: ParsedRow[] = [];
      for await (const row of rows) {
        batch.push(row);
        if (batch.length < insertBatchSize) continue;
        await this.#insert(id, batch);
        batch = [];
      }
      await this.#insert(id, batch);
      await this.pool.query('analyze mapping_import_rows');
      await evaluateImport(this.pool, { id, tenantId, connectorId });
      await em.nativeUpdate(MappingImport, { id, tenantId }, { status: 'previewed' });
      return id;
    } catch (error) {
      await em.nativeDelete(MappingImportRow, { importId: id });
      await em.nativeDelete(MappingImport, { id, tenantId });
      throw error;
    }
  }

  /** A batch is one JSON array: with a parameter for each value there would be too many. */
  async #insert(id: string, rows: readonly ParsedRow[]): Promise<void> {
    if (!rows.length) return;
    await this.pool.query(
      `insert into mapping_import_rows (import_id, row, line, part_number, part_number_key, billing_period, term, action,
         product, reason, outcome, problem)
       select $1, r.row, r.line, r."partNumber", r.key, r."billingPeriod", r.term, r.action, r.product, r.reason,
         case when r.ok then 'unchanged' else 'refused' end, r.problem
       from json_to_recordset($2) as r(row int, line int, "partNumber" text, key text, "billingPeriod" text, term text,
         action text, product text, reason text, ok boolean, problem text)`,
      [id, JSON.stringify(rows)],
    );
  }
}

const applyBatchSize = 1_000;

/** Outcomes by which a row does something. */
const effective: ImportOutcome[] = ['map', 'change', 'exclude', 'unmap'];

/**
 * Applies an import in the transaction of `em`, evaluated again: all rows that can be applied, or after a failure none.
 * @throws ImportNotFound, ImportAlreadyApplied
 */
export async function applyImport(
  em: EntityManager,
  tenantId: string,
  id: string,
  by: string,
): Promise<void> {
  const lockMode = LockMode.PESSIMISTIC_WRITE;
  const found = await em.findOne(MappingImport, { id }, { lockMode, fields: ['connectorId', 'status'] });
  if (!found || found.status === 'reading') throw new ImportNotFound(id);
  if (found.status === 'applied') throw new ImportAlreadyApplied(id);
  const { connectorId } = found;
  const client = clientIn(em);
  await evaluateImport(client, { id, tenantId, connectorId });
  for (let after = 0; ;) {
    const batch = await em.find(
      MappingImportRow,
      { importId: id, row: { $gt: after }, outcome: { $in: effective } },
      { orderBy: { row: 'asc' }, limit: applyBatchSize, disableIdentityMap: true },
    );
    if (!batch.length) break;
    const wanted = batch.map(({ partNumber, billingPeriod, term, action, productId, reason }) => ({
      partNumber: PartNumber.parse(partNumber),
      billingPeriod: billingPeriod!,
      term: term!,
      productId: action === 'unmap' ? undefined : productId,
      reason: reason!,
    }));
    await writeMappings(client, { tenantId, connectorId, by, source: 'import' }, wanted);
    after = batch.at(-1)!.row;
  }
  await em.nativeUpdate(MappingImportRow, { importId: id, outcome: { $in: effective } }, { applied: true });
  const applied = { status: 'applied', appliedBy: by, appliedAt: new Date() } as const;
  await em.nativeUpdate(MappingImport, { id, tenantId }, applied);
}

/** @throws ImportNotFound, also while the file is still being read */
export async function readImport(em: EntityManager, id: string): Promise<MappingImport> {
  const found = await em.findOne(MappingImport, { id, status: { $ne: 'reading' } }, { refresh: true });
  if (!found) throw new ImportNotFound(id);
  return found;
}

/** The result of each row, in the order of the file; one row more than `limit` if there are more. */
export function listImportRows(
  em: EntityManager,
  importId: string,
  { outcome }: { outcome?: ImportOutcome },
  after: CursorKey | undefined,
  limit: number,
): Promise<MappingImportRow[]> {
  const [row = 0] = after ?? [];
  return em.find(
    MappingImportRow,
    { importId, row: { $gt: raw('?::bigint', [row]) }, ...(outcome && { outcome }) },
    { orderBy: { row: 'asc' }, limit: limit + 1 },
  );
}

const exportBatchSize = 1_000;

/**
 * Mappings in force, and part numbers that wait for one, in order; read in batches, so that memory does not grow with their
 * number. The columns are those of the file.
 */
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
       order by l.key, l.billing_period, l.term limit ${exportBatchSize}`,
      [connectorId, ...after],
    );
    for (const { key: _, ...line } of batch) yield line;
    const last = batch.at(-1);
    if (!last || batch.length < exportBatchSize) return;
    after = [last.key, last.billing_period, last.term];
  }
}
