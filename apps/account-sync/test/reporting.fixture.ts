import type { CmpReport } from '@isthmus/cmp-client';
import { startSyncing, type RunRow, type Syncing } from './syncing.fixture.ts';

export interface Reporting extends Syncing {
  /** Orders a report of last February from CMP and waits until it is there. */
  order(more?: {
    format?: 'csv' | 'json' | 'xlsx';
    name?: string;
    startDate?: string;
    endDate?: string;
  }): Promise<CmpReport>;
  /** The invoice of that number. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a row, for the expectations to say
  invoice(number: string): Promise<any>;
  /** A run over reports. */
  read(depth?: string): Promise<RunRow>;
  /** What is said of invoices since the last call. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- data of an event, for the expectations to say
  imported(): Promise<any[]>;
  records(run: RunRow): Promise<{ kind: string; cmpId: string; result: string; reason?: string }[]>;
}

const period = { startDate: '2026-02-01T00:00:00Z', endDate: '2026-02-28T23:59:59Z' };
export const name = 'Every Invoice - Subscriptions';
export const usageName = 'Every Invoice - Usage';

/** A CMP whose accounts and subscriptions have been read, and whose reports are to be. */
export async function startReporting(env: object = {}): Promise<Reporting> {
  const sync = await startSyncing(
    { now: '2026-03-10T09:00:00Z', orderDelaySeconds: 10 },
    { REPORT_DAYS: 36_500, ...env },
  );
  await sync.run({ scope: 'accounts' });
  await sync.run({ scope: 'subscriptions' });
  let position = 0;
  return Object.assign(sync, {
    async order(more = {}) {
      const { id } = await sync.cmp().reports.create({ name, format: 'csv' as const, ...period, ...more });
      await sync.simulator.control.advance(11);
      return sync.cmp().reports.get(id);
    },
    invoice: (number) => sync.one('select * from rated_documents where number = $1', [number]),
    read: (depth = 'full') => sync.run({ scope: 'reports', depth }),
    async imported() {
      const { rows } = await sync.pool.query(
        `select position, data from outbox where position > $1 and subject = 'account-sync.invoice-imported.v1' order by position`,
        [position],
      );
      position = rows.at(-1)?.position ?? position;
      return rows.map(({ data }) => data);
    },
    async records({ id }: RunRow) {
      const { rows } = await sync.pool.query(
        `select r.value as record from sync_run_batches b, json_array_elements(b.records) r where run_id = $1 order by seq`,
        [id],
      );
      return rows.map(({ record }) => record);
    },
  } satisfies Partial<Reporting>);
}
