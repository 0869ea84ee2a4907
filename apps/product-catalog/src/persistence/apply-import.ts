import type { EntityManager } from '@mikro-orm/postgresql';
import { PartNumber } from '@isthmus/domain';
import { clientOf, TenantRows } from '@isthmus/service-kit';
import { ImportAlreadyApplied, ImportNotFound } from '../domain/mapping.errors.ts';
import type { ImportStatus } from '../domain/mapping-import.entity.ts';
import { judgeImport } from './judge-import.ts';
import { writeMappings } from './write-mappings.ts';

interface ImportedRow {
  row: number;
  partNumber: string;
  billingPeriod: string;
  term: string;
  action: 'map' | 'exclude' | 'unmap';
  productId: string | null;
  reason: string;
}

const rowsAtOnce = 1_000;

/**
 * Carries an import out in the transaction of `em`, as things stand by then: all rows that can be, or after a failure none.
 * @throws ImportNotFound, ImportAlreadyApplied
 */
export async function applyImport(
  em: EntityManager,
  tenantId: string,
  id: string,
  by: string,
): Promise<void> {
  const client = clientOf(em);
  const rows = TenantRows.within(em, tenantId);
  const [found] = await rows.select<{ connectorId: string; status: ImportStatus }>(
    `select connector_id as "connectorId", status from mapping_imports where tenant_id = $1 and id = $2 for update`,
    [id],
  );
  if (!found || found.status === 'reading') throw new ImportNotFound(id);
  if (found.status === 'applied') throw new ImportAlreadyApplied(id);
  const { connectorId } = found;
  await judgeImport(client, { id, tenantId, connectorId });
  for (let after = 0; ;) {
    const batch = await rows.select<ImportedRow>(
      `select r.row, r.part_number as "partNumber", r.billing_period as "billingPeriod", r.term, r.action,
         r.product_id as "productId", r.reason
       from mapping_import_rows r join mapping_imports i on i.id = r.import_id and i.tenant_id = $1
       where r.import_id = $2 and r.row > $3 and r.outcome in ('map', 'change', 'exclude', 'unmap')
       order by r.row limit ${rowsAtOnce}`,
      [id, after],
    );
    if (!batch.length) break;
    const wanted = batch.map(({ partNumber, action, productId, ...row }) => ({
      ...row,
      partNumber: PartNumber.parse(partNumber),
      productId: action === 'unmap' ? undefined : productId,
    }));
    await writeMappings(client, { tenantId, connectorId, by, source: 'import' }, wanted);
    after = batch.at(-1)!.row;
  }
  await client.query(
    `update mapping_import_rows set applied = true
     where import_id = $1 and outcome in ('map', 'change', 'exclude', 'unmap')`,
    [id],
  );
  await client.query(
    `update mapping_imports set status = 'applied', applied_by = $3, applied_at = now() where id = $1 and tenant_id = $2`,
    [id, tenantId, by],
  );
}
