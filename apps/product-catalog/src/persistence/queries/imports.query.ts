import { Conditions, type TenantRows } from '@isthmus/service-kit';
import type { ImportOutcome } from '../../domain/mapping-import-row.entity.ts';
import type { ImportStatus } from '../../domain/mapping-import.entity.ts';
import { ImportNotFound } from '../../domain/mapping.errors.ts';

export interface ImportRowRow {
  row: number;
  line: number;
  partNumber: string;
  billingPeriod: string | null;
  term: string | null;
  product: string | null;
  productId: string | null;
  outcome: ImportOutcome;
  problem: string | null;
  applied: boolean;
}

export interface ImportSummary {
  id: string;
  connectorId: string;
  status: ImportStatus;
  counts: Partial<Record<ImportOutcome, number>>;
  createdBy: string;
  createdAt: Date | string;
  appliedBy: string | null;
  appliedAt: Date | string | null;
}

/** @throws ImportNotFound, also while the file is still being read */
export async function readImport(rows: TenantRows, id: string): Promise<ImportSummary> {
  const [found] = await rows.select<ImportSummary>(
    `select id, connector_id as "connectorId", status, counts, created_by as "createdBy", created_at as "createdAt",
       applied_by as "appliedBy", applied_at as "appliedAt"
     from mapping_imports where tenant_id = $1 and id = $2 and status <> 'reading'`,
    [id],
  );
  if (!found) throw new ImportNotFound(id);
  return found;
}

/** The report by row, in the order of the file; one row more than `limit` when there are more. */
export function listImportRows(
  rows: TenantRows,
  id: string,
  filter: { outcome?: ImportOutcome },
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<ImportRowRow[]> {
  const where = new Conditions('i.tenant_id = $1')
    .when(id, (own) => `r.import_id = ${own}`)
    .when(filter.outcome, (outcome) => `r.outcome = ${outcome}`)
    .after(after, 'r.row', ['bigint']);
  const more = where.param(limit + 1);
  return rows.select(
    `select r.row, r.line, r.part_number as "partNumber", r.billing_period as "billingPeriod", r.term, r.product,
       r.product_id as "productId", r.outcome, r.problem, r.applied
     from mapping_import_rows r join mapping_imports i on i.id = r.import_id
     where ${where} order by r.row limit ${more}`,
    where.values,
  );
}
