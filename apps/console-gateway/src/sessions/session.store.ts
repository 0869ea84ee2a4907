import { compiledOnce, statementsOf } from '@isthmus/messaging';
import { acrossTenants, TenantStore } from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Pool } from 'pg';
import { ConsoleGatewayEnv } from '../config.ts';
import { Session } from './session.entity.ts';

const statements = statementsOf<typeof Session>();
const hourMs = 3_600_000;
/** A process that has begun to renew tokens and not ended it within this time has died. */
const leaseMs = 20_000;
const rowsPerStatement = 1_000;

const byId = compiledOnce((em, tenantId: string, id: string, idleMs: number) =>
  statements(em)
    .selectFrom('Session')
    .selectAll()
    .where('tenantId', '=', tenantId)
    .where('id', '=', id)
    .where('endsAt', '>', sql<Date>`now()`)
    .where('lastSeenAt', '>', sql<Date>`now() - ${idleMs} * interval '1 millisecond'`),
);

/** Every statement about sessions. The database's clock counts, because several processes share them. */
@Injectable()
export class SessionStore {
  readonly #idleMs: number;

  constructor(
    private readonly tenants: TenantStore,
    private readonly pool: Pool,
    env: ConsoleGatewayEnv,
  ) {
    this.#idleMs = env.SESSION_IDLE_HOURS * hourMs;
  }

  async add(session: Session): Promise<void> {
    await this.tenants.change(session.tenantId, async (em) => {
      em.persist(session);
      await Promise.resolve();
    });
  }

  /** A session that has not ended. */
  async find(tenantId: string, id: string): Promise<Session | undefined> {
    const [found] = await this.tenants.read(tenantId, (em) => byId(em, tenantId, id, this.#idleMs));
    return found;
  }

  /** It was used. */
  async touch({ tenantId, id }: Session): Promise<void> {
    await this.tenants.read(tenantId, (em) =>
      statements(em)
        .updateTable('Session')
        .set({ lastSeenAt: sql`now()` })
        .where('tenantId', '=', tenantId)
        .where('id', '=', id)
        .execute(),
    );
  }

  /** Whether this process is the one that renews the tokens now: of several processes one, until its lease runs out. */
  async claimRefresh({ tenantId, id, version }: Session): Promise<boolean> {
    const claimed = await this.tenants.read(tenantId, (em) =>
      statements(em)
        .updateTable('Session')
        .set({ refreshingUntil: sql`now() + ${leaseMs} * interval '1 millisecond'` })
        .where('tenantId', '=', tenantId)
        .where('id', '=', id)
        .where('version', '=', version)
        .where((is) =>
          is.or([is('refreshingUntil', 'is', null), is('refreshingUntil', '<', sql<Date>`now()`)]),
        )
        .returning('id')
        .execute(),
    );
    return claimed.length > 0;
  }

  /** Stores renewed tokens, unless another process has done so meanwhile. */
  async renew(
    { tenantId, id, version }: Session,
    renewed: Pick<Session, 'sealed' | 'tokenExpiresAt'>,
  ): Promise<void> {
    await this.tenants.read(tenantId, (em) =>
      statements(em)
        .updateTable('Session')
        .set({ ...renewed, version: version + 1, refreshingUntil: null })
        .where('tenantId', '=', tenantId)
        .where('id', '=', id)
        .where('version', '=', version)
        .execute(),
    );
  }

  /** The renewal has failed: the next request may try again. */
  async releaseRefresh({ tenantId, id, version }: Session): Promise<void> {
    await this.tenants.read(tenantId, (em) =>
      statements(em)
        .updateTable('Session')
        .set({ refreshingUntil: null })
        .where('tenantId', '=', tenantId)
        .where('id', '=', id)
        .where('version', '=', version)
        .execute(),
    );
  }

  async remove({ tenantId, id }: Pick<Session, 'tenantId' | 'id'>): Promise<void> {
    await this.tenants.read(tenantId, (em) =>
      statements(em).deleteFrom('Session').where('tenantId', '=', tenantId).where('id', '=', id).execute(),
    );
  }

  /** Returns how many were deleted. */
  async deleteEnded(signal: AbortSignal): Promise<number> {
    for (let deleted = 0; ;) {
      const { rowCount } = await acrossTenants('delete ended sessions', () =>
        this.pool.query(
          `delete from sessions where id in (select id from sessions
             where ends_at < now() or last_seen_at < now() - $1 * interval '1 millisecond' limit $2)`,
          [this.#idleMs, rowsPerStatement],
        ),
      );
      deleted += rowCount ?? 0;
      if ((rowCount ?? 0) < rowsPerStatement || signal.aborted) return deleted;
    }
  }
}
