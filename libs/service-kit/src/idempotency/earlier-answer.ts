import type { Pool } from 'pg';
import type { Answer } from '../http/answer.ts';
import type { IdempotentRequest } from './idempotent-request.ts';
import { readStoredAnswer, replay, type StoredAnswer } from './stored-answer.ts';

/**
 * The answer this command got before, or nothing when it is new. For commands that are checked against a state which
 * they change themselves: a repetition would be refused for what the first one has done.
 * @throws Problem 422 when the key was used with another body
 */
export async function earlierAnswer(pool: Pool, request: IdempotentRequest): Promise<Answer | null> {
  const { tenantId, route, key } = request;
  const { rows } = await pool.query<StoredAnswer>({ ...readStoredAnswer, values: [tenantId, route, key] });
  return rows[0] ? replay(rows[0], request) : null;
}
