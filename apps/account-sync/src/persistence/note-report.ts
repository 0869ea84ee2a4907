import type { PoolClient } from 'pg';
import type { MirrorOwner } from '@isthmus/sync-engine';

/** A report as CMP lists it. */
export interface ReportFacts {
  /** Our id. */
  id: string;
  cmpId: string;
  name: string;
  type?: string;
  format?: string;
  generatedAt: Date;
  periodFrom?: string;
  periodUntil?: string;
}

/** What became of a report that was fetched. */
export interface ReportOutcome extends ReportFacts {
  status: 'imported' | 'failed';
  asOf: string;
  rows?: number;
  unknownChargeTypes?: readonly string[];
  failure?: { code: string; detail: string; nextStep: string };
}

export const noteReport = (
  client: PoolClient,
  { tenantId, connectorId }: MirrorOwner,
  one: ReportOutcome,
): Promise<unknown> =>
  client.query(
    `insert into rated_reports as r (id, tenant_id, connector_id, cmp_id, name, type, format, generated_at, period_from, period_until,
       status, attempts, rows, failure, unknown_charge_types, read_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $14, $15)
     on conflict (id) do update set status = excluded.status, attempts = r.attempts + 1, rows = excluded.rows,
       failure = excluded.failure, unknown_charge_types = excluded.unknown_charge_types, read_at = excluded.read_at`,
    [
      one.id,
      tenantId,
      connectorId,
      one.cmpId,
      one.name,
      one.type ?? null,
      one.format ?? null,
      one.generatedAt,
      one.periodFrom ?? null,
      one.periodUntil ?? null,
      one.status,
      one.rows ?? 0,
      one.failure ? JSON.stringify(one.failure) : null,
      one.unknownChargeTypes ?? [],
      one.asOf,
    ],
  );
