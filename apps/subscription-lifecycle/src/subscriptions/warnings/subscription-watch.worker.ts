import { systemClock } from '@isthmus/domain';
import { emitMany, RetryLoop } from '@isthmus/messaging';
import { acrossTenants, clientIn, inTenant, transaction } from '@isthmus/service-kit';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { sql } from 'kysely';
import { SubscriptionLifecycleEnv } from '../../config.ts';
import { fromNow, statements } from '../../tables.ts';
import { subscriptions } from '../subscription.store.ts';
import { isExtended } from '../subscription.ts';
import { outlook, type Warning, warningEvent, type WarningRules, type WatchedRow } from './warnings.ts';

const hour = 3_600_000;

/** Processed in one transaction. */
const batch = 500;

/**
 * Publishes warnings that are due by the database's clock. Each subscription has a time of its next check, which any change of
 * the subscription brings forward; in between, it is neither read nor written.
 */
@Injectable()
export class SubscriptionWatch {
  constructor(private readonly orm: MikroORM) {}

  /** Has subscriptions checked again that were last checked with other rules. */
  async renew(rules: WarningRules): Promise<void> {
    await acrossTenants('check subscriptions by new rules', () =>
      statements(this.orm.em.fork())
        .updateTable('Subscription')
        .set({ lookAt: sql<Date>`now()` })
        .where('lookedWith', '<>', JSON.stringify(rules))
        .execute(),
    );
  }

  /**
   * Checks some subscriptions of one tenant that are due and not locked by another worker, and publishes warnings that are new.
   * @returns whether there may be more
   */
  async checkDue(rules: WarningRules): Promise<boolean> {
    const tenantId = await acrossTenants('find subscriptions to check', () =>
      firstDueTenant(this.orm.em.fork() as EntityManager),
    );
    return tenantId !== undefined && inTenant(tenantId, () => this.#checkDue(rules));
  }

  #checkDue(rules: WarningRules): Promise<boolean> {
    return transaction(this.orm, async (em) => {
      const rows = await lockDue(em);
      if (rows.length === 0) return false;
      const seen = rows.map((row) => ({ row, ...outlook(toWatched(row), rules, row.now) }));
      const warnings = seen.flatMap(({ row, due: list }) => list.map((warning) => ({ row, warning })));
      const fresh = await recordWarnings(em, warnings);
      await emitMany(
        clientIn(em),
        fresh.map(({ row, warning }) => warningEvent(row, warning)),
      );
      await clientIn(em).query(updateChecked, [
        rows.map(({ id }) => id),
        seen.map(({ checkAt }) => (checkAt === null ? null : new Date(checkAt).toISOString())),
        JSON.stringify(rules),
      ]);
      return true;
    });
  }

  /** Deletes warnings about moments long past. */
  async deleteOld(): Promise<void> {
    await acrossTenants('delete old warnings', () =>
      statements(this.orm.em.fork())
        .deleteFrom('PublishedWarning')
        .where('about', '<', fromNow(-30 * 24 * 3_600))
        .execute(),
    );
  }
}

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
async function recordWarnings(em: EntityManager, warnings: DueWarning[]): Promise<DueWarning[]> {
  if (warnings.length === 0) return [];
  const { rows } = await clientIn(em).query<{ n: string }>(insertWarnings, [
    warnings.map(({ row }) => row.id),
    warnings.map(({ row }) => row.tenantId),
    warnings.map(({ warning }) => warning.kind),
    warnings.map(({ warning }) => new Date(warning.about).toISOString()),
    warnings.map(({ warning }) => warning.ahead),
    warnings.map(({ warning }) => (warning.kind === 'window-closing-announced' ? warning.line : '')),
  ]);
  return rows.map(({ n }) => warnings[Number(n) - 1]!);
}

/** The tenant of the subscription that is due first, among those that no other worker has locked. */
async function firstDueTenant(em: EntityManager): Promise<string | undefined> {
  const due = await statements(em)
    .selectFrom('Subscription')
    .select('tenantId')
    .where('lookAt', '<=', sql<Date>`now()`)
    .orderBy('lookAt')
    .limit(1)
    .forNoKeyUpdate()
    .skipLocked()
    .executeTakeFirst();
  return due?.tenantId;
}

/** Locks the subscriptions that are due first, skipping those that another worker has locked; with the database's time. */
const lockDue = (em: EntityManager): Promise<(WatchedRow & { now: number })[]> =>
  subscriptions(em)
    .select(sql<number>`floor(extract(epoch from now()) * 1000)::float8`.as('now'))
    .select(
      sql<boolean>`exists (select from scheduled_changes c where c.subscription_id = s.id and c.status in ('planned', 'ordered'))
        or exists (select from orders o where o.subscription_id = s.id and o.status = 'scheduled')`.as(
        'changesScheduled',
      ),
    )
    .where('s.lookAt', '<=', sql<Date>`now()`)
    .orderBy('s.lookAt')
    .limit(batch)
    .forNoKeyUpdate('s')
    .skipLocked()
    .execute();

/** Uses arrays instead of a typed query: hundreds of rows in one statement. Returns the 1-based positions of the new warnings. */
const insertWarnings = `
  with given as (
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::int[], $6::text[]) with ordinality
      as g (subscription_id, tenant_id, kind, about, ahead, line, n)),
  recorded as (
    insert into warnings_told (subscription_id, tenant_id, kind, about, ahead, line)
    select subscription_id, tenant_id, kind, about, ahead, line from given
    on conflict do nothing returning subscription_id, kind, about, ahead, line)
  select n from given join recorded using (subscription_id, kind, about, ahead, line) order by n`;

const updateChecked = `
  update subscriptions s set look_at = g.look_at, looked_with = $3
  from unnest($1::uuid[], $2::timestamptz[]) as g (id, look_at) where s.id = g.id`;

/** Warns of windows that close and of renewals ahead. */
@Injectable()
export class WatchSubscriptions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #loop: RetryLoop;
  readonly #rules: WarningRules;
  #renewed = false;
  #deleteAt = 0;

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
    if (await this.watch.checkDue(this.#rules)) return true;
    await this.#deleteOld();
    return false;
  }

  async #deleteOld(): Promise<void> {
    const now = systemClock.now();
    if (now < this.#deleteAt) return;
    await this.watch.deleteOld();
    this.#deleteAt = now + hour;
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
