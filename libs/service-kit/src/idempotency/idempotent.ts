import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Answer } from '../http/answer.ts';
import { IdempotencyKey } from './idempotency-key.entity.ts';
import type { IdempotentRequest } from './idempotent-request.ts';
import { idempotencyOutcomes, replay, stillRunning, type StoredAnswer } from './stored-answer.ts';

/**
 * Does `effect` once per key, in one transaction with the record of its answer; repetitions get the same answer again.
 * An effect that throws leaves no record, so the same key may be tried again.
 * @param em of a fork or the global one; not one that is already in a transaction
 * @throws Problem 409 while the first is running, 422 when the key was used with another body
 */
export async function idempotent(
  em: EntityManager,
  request: IdempotentRequest,
  effect: (em: EntityManager) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await once(em, request, effect);
  } catch (error) {
    // The first committed between our look and our lock. Its answer is there now.
    if (
      error instanceof UniqueConstraintViolationException &&
      error.message.includes('idempotency_keys_pkey')
    )
      return once(em, request, effect);
    throw error;
  }
}

interface Look {
  free: boolean;
  stored: StoredAnswer | null;
}

/** One round trip answers both: is it being done (the lock lives as long as the transaction), and was it done. */
const look = `
  select pg_try_advisory_xact_lock(hashtextextended(?, 0)) as free,
         (select row_to_json(k) from idempotency_keys k where tenant_id = ? and route = ? and key = ?) as stored`;

function once(
  em: EntityManager,
  request: IdempotentRequest,
  effect: (em: EntityManager) => Promise<Answer>,
): Promise<Answer> {
  const { tenantId, route, key, bodyHash } = request;
  return em.fork().transactional(async (own) => {
    const rows = await own.execute<Look[]>(look, [`${tenantId} ${route} ${key}`, tenantId, route, key]);
    const { free, stored } = rows[0] as Look;
    if (stored) return replay(stored, request);
    if (!free) throw stillRunning(request);
    const answer = await effect(own as EntityManager);
    own.create(IdempotencyKey, {
      tenantId,
      route,
      key,
      bodyHash,
      status: answer.status,
      headers: answer.headers,
      body: answer.body ?? null,
    } as never);
    await own.flush();
    idempotencyOutcomes.add(1, { outcome: 'first' });
    return answer;
  });
}
