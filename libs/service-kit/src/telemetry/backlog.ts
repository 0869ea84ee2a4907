import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { metrics, type ObservableCallback, type ObservableGauge } from '@opentelemetry/api';
import type { Pool } from 'pg';
import { acrossTenants } from '../database/tenant-scope.ts';
import { metricNames } from './metrics.ts';

/** Per kind of work, what of the service's database is due now, waiting or in hand: a table with its condition, as after `from`. */
export type BacklogKinds = Readonly<Record<string, string>>;

/** The statement that tells how much work is due: a row with `kind` and `due` for each. */
export const backlogSql = (kinds: BacklogKinds): string =>
  Object.entries(kinds)
    .map(([kind, from]) => `select '${kind}' as kind, count(*)::int as due from ${from}`)
    .join(' union all ');

/**
 * How much work is due in a service, for whoever decides how many processes it needs. Every process of the service reports the same number,
 * as it is the database's; nothing is asked of the database but when the metrics are read.
 */
@Injectable()
export class Backlog implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #gauge?: ObservableGauge;

  constructor(
    private readonly pool: Pick<Pool, 'query'>,
    private readonly kinds: BacklogKinds,
  ) {}

  /** Work that is due, by kind. */
  async read(): Promise<Record<string, number>> {
    const { rows } = await acrossTenants('measure the backlog', () =>
      this.pool.query<{ kind: string; due: number }>(backlogSql(this.kinds)),
    );
    return Object.fromEntries(rows.map(({ kind, due }) => [kind, due]));
  }

  onApplicationBootstrap(): void {
    const { unit, description } = metricNames['isthmus.backlog'];
    this.#gauge = metrics.getMeter('isthmus').createObservableGauge('isthmus.backlog', { unit, description });
    this.#gauge.addCallback(this.#observe);
  }

  /** The database is closed soon after: a reading from then on would fail. */
  beforeApplicationShutdown(): void {
    this.#gauge?.removeCallback(this.#observe);
  }

  readonly #observe: ObservableCallback = async (result) => {
    for (const [kind, due] of Object.entries(await this.read())) result.observe(due, { kind });
  };
}
