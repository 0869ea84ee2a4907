import type { Pool, PoolClient } from 'pg';
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

/**
 * Counts an attempt to read a report, before its file is opened: a file that takes the program down with it must not be read for
 * ever. Until it is read it counts as failed, unless it was imported before.
 */
export const beginAttempt = (
  client: PoolClient,
  run: MirrorOwner & { id: string },
  one: ReportFacts,
  asOf: string,
): Promise<unknown> =>
  client.query(
    `insert into rated_reports as r (id, tenant_id, connector_id, cmp_id, name, type, format, generated_at, period_from, period_until,
       status, attempts, run_id, run_attempts, failure, read_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'failed', 1, $11, 1, $12, $13)
     on conflict (id) do update set attempts = r.attempts + 1,
       run_attempts = case when r.run_id = excluded.run_id then r.run_attempts else 0 end + 1, run_id = excluded.run_id,
       failure = excluded.failure, read_at = excluded.read_at`,
    [...factsOf(run, one), run.id, JSON.stringify(interrupted(asOf)), asOf],
  );

/** Takes back an attempt that ended for a reason the report has nothing to do with. */
export const returnAttempt = (
  pool: Pool,
  run: { id: string; tenantId: string },
  reportId: string,
): Promise<unknown> =>
  pool.query(
    `update rated_reports set attempts = attempts - 1, run_attempts = run_attempts - 1
     where tenant_id = $1 and id = $2 and run_id = $3 and run_attempts > 0`,
    [run.tenantId, reportId, run.id],
  );

const interrupted = (asOf: string) => ({
  code: 'report.interrupted',
  detail: `Reading it began at ${asOf} and has not come to an end.`,
  nextStep: 'It may be under way. If no run is, the worker was stopped; the next run reads it again.',
});

const factsOf = ({ tenantId, connectorId }: MirrorOwner, one: ReportFacts) => [
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
];

const imported =
  ', status = excluded.status, rows = excluded.rows, unknown_charge_types = excluded.unknown_charge_types';

/** Notes what became of the attempt. What was imported before stays imported when reading it once more fails. */
export const noteReport = (client: PoolClient, owner: MirrorOwner, one: ReportOutcome): Promise<unknown> =>
  client.query(
    `insert into rated_reports as r (id, tenant_id, connector_id, cmp_id, name, type, format, generated_at, period_from, period_until,
       status, attempts, rows, failure, unknown_charge_types, read_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $14, $15)
     on conflict (id) do update set failure = excluded.failure, read_at = excluded.read_at${one.status === 'imported' ? imported : ''}`,
    [
      ...factsOf(owner, one),
      one.status,
      one.rows ?? 0,
      one.failure ? JSON.stringify(one.failure) : null,
      one.unknownChargeTypes ?? [],
      one.asOf,
    ],
  );
