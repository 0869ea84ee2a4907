import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { metrics, type ObservableCallback, type ObservableGauge } from '@opentelemetry/api';
import type { Pool } from 'pg';
import { acrossTenants } from '../database/tenant-scope.ts';
import { metricNames } from './metrics.ts';

/**
 * For each kind of work, the due rows of the service's database, queued or in progress: a table with its condition, as after
 * `from`.
 */
export type BacklogKinds = Readonly<Record<string, string>>;

/** The statement that counts due work: a row with `kind` and `due` for each kind. */
export const backlogSql = (kinds: BacklogKinds): string =>
  Object.entries(kinds)
    .map(([kind, from]) => `select '${kind}' as kind, count(*)::int as due from ${from}`)
    .join(' union all ');

/**
 * The amount of due work in a service, for scaling its processes. Every process of the service reports the same number, because
 * it is read from the shared database; the database is queried only when the metrics are read.
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
