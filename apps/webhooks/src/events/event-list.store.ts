import { setTimeout as sleep } from 'node:timers/promises';
import { InsertFence, statementsOf } from '@isthmus/messaging';
import { acrossTenants, type CursorKey, TenantStore, withoutTenant } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { WebhooksEnv } from '../config.ts';
import { EventExpired } from '../deliveries/deliveries.store.ts';
import { StoredEvent } from './event.entity.ts';

const statements = statementsOf<typeof StoredEvent>();

export interface StoredEventFilter {
  type?: readonly string[] | undefined;
  subject?: string | undefined;
  correlationId?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

const matching = (em: EntityManager, tenantId: string, filter: StoredEventFilter) => {
  const { type, subject, correlationId, since, until } = filter;
  return statements(em)
    .selectFrom('StoredEvent as e')
    .select('e.sequence')
    .where('e.tenantId', '=', tenantId)
    .$if(type !== undefined, (query) => query.where('e.type', 'in', [...type!]))
    .$if(subject !== undefined, (query) => query.where('e.subject', '=', subject!))
    .$if(correlationId !== undefined, (query) => query.where('e.correlationId', '=', correlationId!))
    .$if(since !== undefined, (query) => query.where('e.time', '>=', new Date(since!)))
    .$if(until !== undefined, (query) => query.where('e.time', '<', new Date(until!)));
};

/** The newest first; one more than `limit` if there are more. */
export async function listEvents(
  em: EntityManager,
  tenantId: string,
  filter: StoredEventFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<StoredEvent[]> {
  const found = await matching(em, tenantId, filter)
    .$if(after !== undefined, (query) => query.where('e.sequence', '<', Number(after![0])))
    .orderBy('e.sequence', 'desc')
    .limit(limit + 1)
    .execute();
  return bySequence(em, found, 'desc');
}

/** Those after one place of the order of arrival and up to another, the oldest first. */
async function eventsBetween(
  em: EntityManager,
  tenantId: string,
  filter: StoredEventFilter,
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<StoredEvent[]> {
  const found = await matching(em, tenantId, filter)
    .where('e.sequence', '>', after)
    .where('e.sequence', '<=', upTo)
    .orderBy('e.sequence')
    .limit(limit)
    .execute();
  return bySequence(em, found, 'asc');
}

/** By `em.find`, because the entity alone knows how its data is read. */
const bySequence = (
  em: EntityManager,
  found: readonly { sequence: number }[],
  order: 'asc' | 'desc',
): Promise<StoredEvent[]> =>
  em.find(
    StoredEvent,
    { sequence: { $in: found.map(({ sequence }) => sequence) } },
    { orderBy: { sequence: order } },
  );

export const readStoredEvent = (em: EntityManager, id: string): Promise<StoredEvent | null> =>
  em.findOne(StoredEvent, { id });

/** The position of the oldest stored event of any tenant, because positions are shared; undefined if there is none. */
async function oldestStored(em: EntityManager): Promise<number | undefined> {
  const oldest = await acrossTenants('find the oldest webhook event', () =>
    statements(em)
      .selectFrom('StoredEvent')
      .select('sequence')
      .orderBy('storedAt')
      .limit(1)
      .executeTakeFirst(),
  );
  return oldest && Number(oldest.sequence);
}

const batch = 200;
const fenceFrom = (safe: number) => new InsertFence('events', safe, 'events_sequence_seq');

/** A tenant's events as they come. */
@Injectable()
export class EventFeed {
  constructor(
    private readonly store: TenantStore,
    private readonly pool: Pool,
    private readonly env: WebhooksEnv,
  ) {}

  /**
   * Where to begin: behind `after`, or with what is yet to come.
   * @throws EventExpired if events behind that place may have been deleted already
   */
  async start(tenantId: string, after: number | undefined): Promise<number> {
    if (after === undefined) return this.#now();
    const oldest = await this.store.read(tenantId, oldestStored);
    if (after > 0 && oldest !== undefined && after < oldest - 1)
      throw new EventExpired(String(after), this.env.WEBHOOK_KEEP_DAYS);
    return after;
  }

  /** Positions are those of the table, whose ever its rows are. */
  readonly #passable = (fence: InsertFence) => withoutTenant(() => fence.passable(this.pool));

  async #now(): Promise<number> {
    const fence = fenceFrom(0);
    for (;;) {
      const place = await this.#passable(fence);
      if (place > 0 || !fence.waiting) return place;
      await sleep(20);
    }
  }

  /** Without an end. A place is given out before its event can be seen: none is passed over that may still come. */
  async *after(tenantId: string, filter: StoredEventFilter, start: number): AsyncGenerator<StoredEvent> {
    const fence = fenceFrom(start);
    for (let after = start; ;) {
      const upTo = await this.#passable(fence);
      const found = await this.store.read(tenantId, (em) =>
        eventsBetween(em, tenantId, filter, { after, upTo, limit: batch }),
      );
      yield* found;
      after = found.length < batch ? Math.max(after, upTo) : found.at(-1)!.sequence;
      if (found.length < batch) await sleep(this.env.EVENT_STREAM_POLL_MS);
    }
  }
}
