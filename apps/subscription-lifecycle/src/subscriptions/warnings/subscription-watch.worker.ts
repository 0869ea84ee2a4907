import { systemClock } from '@isthmus/domain';
import { emitMany, RetryLoop, type Statements } from '@isthmus/messaging';
import { inTransaction } from '@isthmus/service-kit';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Pool } from 'pg';
import { SubscriptionLifecycleEnv } from '../../config.ts';
import { subscriptionColumns } from '../subscription.store.ts';
import { isExtended } from '../subscription.ts';
import { outlook, type Warning, warningEvent, type WarningRules, type WatchedRow } from './warnings.ts';

const hour = 3_600_000;

/** Processed in one transaction. */
const batch = 500;

/**
 * Publishes warnings that are due by the database's clock. Each subscription has a time at which it is checked next, which
 * any change of it brings forward; in between, nothing of it is read or written.
 */
@Injectable()
export class SubscriptionWatch {
  constructor(private readonly pool: Pool) {}

  /** Has subscriptions checked again that were last checked with other rules. */
  async renew(rules: WarningRules): Promise<void> {
    await this.pool.query('update subscriptions set look_at = now() where looked_with <> $1', [
      JSON.stringify(rules),
    ]);
  }

  /**
   * Checks some subscriptions that are due and not locked by another worker, and publishes warnings that are new.
   * @returns whether there may be more
   */
  look(rules: WarningRules): Promise<boolean> {
    return inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<DueRow>(due, [batch]);
      if (rows.length === 0) return false;
      const seen = rows.map((row) => ({ row, ...outlook(toWatched(row), rules, Number(row.nowMs)) }));
      const warnings = seen.flatMap(({ row, due: list }) => list.map((warning) => ({ row, warning })));
      const fresh = await recordWarnings(client, warnings);
      await emitMany(
        client,
        fresh.map(({ row, warning }) => warningEvent(row, warning)),
      );
      await client.query(looked, [
        rows.map(({ id }) => id),
        seen.map(({ checkAt }) => (checkAt === null ? null : new Date(checkAt).toISOString())),
        JSON.stringify(rules),
      ]);
      return rows.length === batch;
    });
  }

  /** Deletes warnings about moments long past. */
  async forget(): Promise<void> {
    await this.pool.query("delete from warnings_told where about < now() - interval '30 days'");
  }
}

type DueRow = WatchedRow & { nowMs: string };
interface DueWarning {
  row: WatchedRow;
  warning: Warning;
}

const toWatched = ({ status, state }: WatchedRow) => ({
  status,
  renewalDate: state.renewalDate,
  lots: state.lots,
  lines: state.lines,
  extended: isExtended(state),
});

/** The new ones; they are recorded. */
async function recordWarnings(client: Statements, warnings: DueWarning[]): Promise<DueWarning[]> {
  if (warnings.length === 0) return [];
  const { rows } = await client.query<{ n: string }>(told, [
    warnings.map(({ row }) => row.id),
    warnings.map(({ row }) => row.tenantId),
    warnings.map(({ warning }) => warning.kind),
    warnings.map(({ warning }) => new Date(warning.about).toISOString()),
    warnings.map(({ warning }) => warning.ahead),
    warnings.map(({ warning }) => (warning.kind === 'window-closing' ? warning.line : '')),
  ]);
  return rows.map(({ n }) => warnings[Number(n) - 1]!);
}

const due = `
  select ${subscriptionColumns}, floor(extract(epoch from now()) * 1000) as "nowMs",
    exists (select from scheduled_changes c where c.subscription_id = s.id and c.status in ('planned', 'ordered'))
      or exists (select from orders o where o.subscription_id = s.id and o.status = 'scheduled') as "changesScheduled"
  from subscriptions s where s.look_at <= now() order by s.look_at limit $1 for no key update of s skip locked`;

/** Returns the positions, from 1 on, of those that did not exist yet. */
const told = `
  with given as (
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::int[], $6::text[]) with ordinality
      as g (subscription_id, tenant_id, kind, about, ahead, line, n)),
  noted as (
    insert into warnings_told (subscription_id, tenant_id, kind, about, ahead, line)
    select subscription_id, tenant_id, kind, about, ahead, line from given
    on conflict do nothing returning subscription_id, kind, about, ahead, line)
  select n from given join noted using (subscription_id, kind, about, ahead, line) order by n`;

const looked = `
  update subscriptions s set look_at = g.look_at, looked_with = $3
  from unnest($1::uuid[], $2::timestamptz[]) as g (id, look_at) where s.id = g.id`;

/** Warns of windows that close and of renewals ahead. */
@Injectable()
export class WatchSubscriptions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #loop: RetryLoop;
  readonly #rules: WarningRules;
  #renewed = false;
  #forgetAt = 0;

  constructor(
    private readonly watch: SubscriptionWatch,
    private readonly env: SubscriptionLifecycleEnv,
  ) {
    this.#rules = readWarningRules(env);
    this.#loop = new RetryLoop({
      name: 'Watching subscriptions',
      run: () => this.#round(),
      idleMs: env.WARNING_POLL_MS,
      log: new Logger(WatchSubscriptions.name),
    });
  }

  onApplicationBootstrap(): void {
    if (this.env.WARNING_POLL_MS > 0) this.#loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.stop();
  }

  async #round(): Promise<boolean> {
    if (!this.#renewed) await this.watch.renew(this.#rules);
    this.#renewed = true;
    if (await this.watch.look(this.#rules)) return true;
    await this.#forget();
    return false;
  }

  async #forget(): Promise<void> {
    const now = systemClock.now();
    if (now < this.#forgetAt) return;
    await this.watch.forget();
    this.#forgetAt = now + hour;
  }
}

const numbers = (list: string): number[] => (list === '' ? [] : list.split(',').map(Number));

/** Converts the settings. */
const readWarningRules = ({
  WINDOW_WARNING_HOURS,
  RENEWAL_WARNING_DAYS,
}: Pick<SubscriptionLifecycleEnv, 'WINDOW_WARNING_HOURS' | 'RENEWAL_WARNING_DAYS'>): WarningRules => ({
  windowHours: numbers(WINDOW_WARNING_HOURS),
  renewalDays: numbers(RENEWAL_WARNING_DAYS),
});
