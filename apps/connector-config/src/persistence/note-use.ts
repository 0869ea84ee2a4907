import type { EntityManager } from '@mikro-orm/postgresql';
import { ApiKey } from '../domain/api-key.entity.ts';

const everyMs = 60_000;

/** Keeps `lastUsedAt` to the minute: a busy key must not cost a write per request. */
export async function noteUse(em: EntityManager, key: ApiKey, now: Date): Promise<void> {
  if (key.lastUsedAt && now.getTime() - key.lastUsedAt.getTime() < everyMs) return;
  await em.nativeUpdate(ApiKey, { id: key.id }, { lastUsedAt: now }, { filters: { tenant: false } });
}
