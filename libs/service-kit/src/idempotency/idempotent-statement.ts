import { hash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Answer } from '../http/answer.ts';
import type { IdempotentRequest } from './idempotent-request.ts';
import { idempotencyOutcomes, readStoredAnswer, replay, type StoredAnswer } from './stored-answer.ts';

/** Takes a value, answers its placeholder (`$9`). */
export type Parameter = (value: unknown) => string;

/**
 * The same promise as `idempotent` in ONE round trip, for hot commands whose effect can be said in SQL. The effect is a
 * list of CTEs that write what they `select … from fresh`: `fresh` has one row the first time and none afterwards.
 *
 * ```ts
 * await idempotentStatement(pool, request, Answer.accepted(location, body), (p) => `
 *   placed as (insert into orders (id, tenant_id) select ${p(order.id)}::uuid, ${p(tenantId)}::uuid from fresh)`);
 * ```
 * A repetition that comes while the first runs waits the milliseconds until that has ended, so 409 does not occur.
 * @throws Problem 422 when the key was used with another body
 */
export async function idempotentStatement(
  pool: Pool,
  request: IdempotentRequest,
  answer: Answer,
  effect: (parameter: Parameter) => string,
): Promise<Answer> {
  const values: unknown[] = [];
  const parameter: Parameter = (value) => `$${values.push(value)}`;
  const { tenantId, route, key, bodyHash } = request;
  const own = [
    tenantId,
    route,
    key,
    bodyHash,
    answer.status,
    JSON.stringify(answer.headers),
    JSON.stringify(answer.body ?? null),
  ];
  const places = own.map(parameter).join(', ');
  const text = `with fresh as (
    insert into idempotency_keys (tenant_id, route, key, body_hash, status, headers, body) values (${places})
    on conflict do nothing returning 1),
  ${effect(parameter)}
  select count(*)::int as fresh from fresh`;
  const first = await pool.query<{ fresh: number }>({ name: nameOf(text), text, values });
  if (first.rows[0]?.fresh === 1) {
    idempotencyOutcomes.add(1, { outcome: 'first' });
    return answer;
  }
  const stored = await pool.query<StoredAnswer>({ ...readStoredAnswer, values: [tenantId, route, key] });
  return replay(stored.rows[0] as StoredAnswer, request);
}

/** PostgreSQL parses and plans a named statement once per connection. */
const names = new Map<string, string>();

function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `isthmus.once.${hash('sha256', text, 'hex').slice(0, 16)}`;
    if (names.size < 100) names.set(text, name);
  }
  return name;
}
