import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import type { PlacedRow } from '../csv/read-mappings.ts';
import { judgeImport } from './judge-import.ts';

const rowsPerStatement = 1_000;

/** Whose import it is. */
export interface ImportOwner {
  tenantId: string;
  connectorId: string;
  by: string;
}

/** Keeps the rows of a file and judges them. */
@Injectable()
export class ImportStore {
  constructor(private readonly pool: Pool) {}

  /**
   * Batches commit by themselves, since the sender may be slow and a long transaction would hold up the outbox; until the
   * last one the import is `reading` and shown to nobody. Whatever goes wrong leaves nothing of it.
   */
  async store({ tenantId, connectorId, by }: ImportOwner, rows: AsyncIterable<PlacedRow>): Promise<string> {
    const id = randomUUID();
    await this.pool.query(
      `insert into mapping_imports (id, tenant_id, connector_id, status, counts, created_by, created_at)
       values ($1, $2, $3, 'reading', '{}', $4, now())`,
      [id, tenantId, connectorId, by],
    );
    try {
      let batch: PlacedRow[] = [];
      for await (const row of rows) {
        batch.push(row);
        if (batch.length < rowsPerStatement) continue;
        await this.#insert(id, batch);
        batch = [];
      }
      await this.#insert(id, batch);
      await this.pool.query('analyze mapping_import_rows');
      await judgeImport(this.pool, { id, tenantId, connectorId });
      await this.pool.query(
        `update mapping_imports set status = 'previewed' where id = $1 and tenant_id = $2`,
        [id, tenantId],
      );
      return id;
    } catch (error) {
      await this.pool.query('delete from mapping_import_rows where import_id = $1', [id]);
      await this.pool.query('delete from mapping_imports where id = $1 and tenant_id = $2', [id, tenantId]);
      throw error;
    }
  }

  async #insert(id: string, rows: readonly PlacedRow[]): Promise<void> {
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
