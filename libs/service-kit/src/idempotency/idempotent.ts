import { hash } from 'node:crypto';
import { RetryLoop } from '@isthmus/messaging';
import { defineEntity, p, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { ClientBase, Pool } from 'pg';
import { ApiResponse } from '../http/api-response.ts';
import { Problem } from '../http/problem.ts';
import { acrossTenants, inTenant } from '../database/tenant-scope.ts';
import { counter } from '../telemetry/metrics.ts';
import type { IdempotentRequest } from './idempotent-request.ts';

const idempotencyOutcomes = counter('isthmus.idempotency.requests');

/**
 * Runs `effect` once per key, in one transaction with the record of its response; repetitions get the same response again.
 * An effect that throws leaves no record, so the same key may be tried again.
 * @param em of a fork or the global one; not one that is already in a transaction
 * @throws Problem 409 while the first is running, 422 if the key was used with another body
 */
export async function idempotent(
  em: EntityManager,
  request: IdempotentRequest,
  effect: (em: EntityManager) => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const attempt = () => inTenant(request.tenantId, () => once(em, request, effect));
  try {
    return await attempt();
  } catch (error) {
    // The first one committed between our read and our lock. Its response is stored now.
    if (
      error instanceof UniqueConstraintViolationException &&
      error.message.includes('idempotency_keys_pkey')
    )
      return attempt();
    throw error;
  }
}

interface Claim {
  free: boolean;
  stored: StoredResponse | null;
}

/** One round trip for both: is it in progress (the lock lives as long as the transaction), and has it been done. */
const claim = `
  select pg_try_advisory_xact_lock(hashtextextended(?, 0)) as free,
         (select row_to_json(k) from idempotency_keys k where tenant_id = ? and route = ? and key = ?) as stored`;

function once(
  em: EntityManager,
  request: IdempotentRequest,
  effect: (em: EntityManager) => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const { tenantId, route, key, bodyHash } = request;
  return em.fork().transactional(async (own) => {
    const rows = await own.execute<Claim[]>(claim, [`${tenantId} ${route} ${key}`, tenantId, route, key]);
    const { free, stored } = rows[0] as Claim;
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

/** The pool, or a connection of it that is in a transaction. */
type Queries = Pick<ClientBase, 'query'>;

/** Takes a value and returns its placeholder (`$9`). */
export type Parameter = (value: unknown) => string;

/**
 * The same promise as `idempotent` in ONE round trip, for hot commands whose effect can be written in SQL. The effect is a
 * list of CTEs that write what they `select … from fresh`: `fresh` has one row the first time and none afterwards.
 *
 * ```ts
 * await idempotentStatement(pool, request, ApiResponse.accepted(location, body), (p) => `
 *   placed as (insert into orders (id, tenant_id) select ${p(order.id)}::uuid, ${p(tenantId)}::uuid from fresh)`);
 * ```
 * A repetition that comes while the first runs waits the milliseconds until that has ended, so 409 does not occur.
 * @throws Problem 422 when the key was used with another body
 */
export async function idempotentStatement(
  pool: Queries,
  request: IdempotentRequest,
  answer: ApiResponse,
  effect: (parameter: Parameter) => string,
): Promise<ApiResponse> {
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
  const first = await inTenant(tenantId, () =>
    pool.query<{ fresh: number }>({ name: statementName(text), text, values }),
  );
  if (first.rows[0]?.fresh === 1) {
    idempotencyOutcomes.add(1, { outcome: 'first' });
    return answer;
  }
  return (await earlierResponse(pool, request)) as ApiResponse;
}

/** PostgreSQL parses and plans a named statement once per connection. */
const names = new Map<string, string>();

function statementName(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `isthmus.once.${hash('sha256', text, 'hex').slice(0, 16)}`;
    if (names.size < 100) names.set(text, name);
  }
  return name;
}

/**
 * The previous response to this command, or null if it is new. For commands that are checked against a state which they change
 * themselves: a repeated command would be rejected because of the effect of the first one.
 * @throws Problem 422 if the key was used with a different body
 */
export async function earlierResponse(
  pool: Queries,
  request: IdempotentRequest,
): Promise<ApiResponse | null> {
  const { tenantId, route, key } = request;
  const { rows } = await inTenant(tenantId, () =>
    pool.query<StoredResponse>({ ...readStoredAnswer, values: [tenantId, route, key] }),
  );
  return rows[0] ? replay(rows[0], request) : null;
}

/** A row of `idempotency_keys`, as far as it is needed to repeat the response. */
export interface StoredResponse {
  body_hash: string;
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** Finds it by tenant, route and key; a named statement is planned once per connection. */
const readStoredAnswer = {
  name: 'isthmus.stored-answer',
  text: 'select body_hash, status, headers, body from idempotency_keys where tenant_id = $1 and route = $2 and key = $3',
};

/** The response the first request got. @throws Problem 422 when this request has another body */
export function replay(stored: StoredResponse, request: IdempotentRequest): ApiResponse {
  if (stored.body_hash !== request.bodyHash) {
    idempotencyOutcomes.add(1, { outcome: 'mismatch' });
    throw new Problem({
      status: 422,
      type: 'idempotency-key-reused',
      title: 'The Idempotency-Key belongs to another request',
      detail: `${request.route} was already called with this key and a different body.`,
      nextStep: 'Use a new key for a new command.',
    });
  }
  idempotencyOutcomes.add(1, { outcome: 'replayed' });
  return new ApiResponse(stored.status, stored.body ?? undefined, {
    ...stored.headers,
    'idempotency-replayed': 'true',
  });
}

function stillRunning(request: IdempotentRequest): Problem {
  idempotencyOutcomes.add(1, { outcome: 'running' });
  return new Problem({
    status: 409,
    type: 'idempotency-key-in-use',
    title: 'The first request with this Idempotency-Key is still running',
    detail: `Another request to ${request.route} with the same key is in progress.`,
    nextStep: 'Wait a moment and repeat the request with the same key.',
    retryAfterSeconds: 1,
  });
}

const schema = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  properties: {
    tenantId: p.uuid().primary(),
    route: p.string().length(255).primary(),
    key: p.string().length(255).primary(),
    bodyHash: p.string().length(64),
    status: p.smallint(),
    headers: p.json<Record<string, string>>().columnType('json'),
    // json and not jsonb: the repeated response is the first one to the letter.
    body: p.json().columnType('json').nullable(),
    createdAt: p.datetime(3).defaultRaw('now()').index(),
  },
});

/** One command that was executed, with its response. */
export class IdempotencyKey extends schema.class {}
schema.setClass(IdempotencyKey);

/** Statements for a migration of a service that accepts idempotent commands; matches the `IdempotencyKey` entity. */
export const idempotencySql: readonly string[] = [
  `create table "idempotency_keys" (
     "tenant_id" uuid not null, "route" varchar(255) not null, "key" varchar(255) not null,
     "body_hash" varchar(64) not null, "status" smallint not null, "headers" json not null, "body" json null,
     "created_at" timestamptz(3) not null default now(),
     constraint "idempotency_keys_pkey" primary key ("tenant_id", "route", "key"))`,
  `create index "idempotency_keys_created_at_index" on "idempotency_keys" ("created_at")`,
];

const rowsPerStatement = 5_000;

const deleteSome = {
  name: 'isthmus.forget-idempotency-keys',
  text: `delete from idempotency_keys where (tenant_id, route, key) in (select tenant_id, route, key from idempotency_keys
     where created_at < now() - $1 * interval '1 day' limit ${rowsPerStatement})`,
};

/**
 * Deletes keys so old that no client repeats their commands, a few thousand at most.
 * @returns how many were deleted
 */
export async function deleteExpiredKeys(pool: Pool, days: number): Promise<number> {
  const { rowCount } = await acrossTenants('delete old idempotency keys', () =>
    pool.query({ ...deleteSome, values: [days] }),
  );
  return rowCount ?? 0;
}

/** Runs in every replica once an hour; they do not get in each other's way. */
export class IdempotencyKeyExpiry implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #loop: RetryLoop;

  constructor(pool: Pool, days: number, everyMs = 3_600_000) {
    this.#loop = new RetryLoop({
      name: 'Deleting old idempotency keys',
      run: async () => (await deleteExpiredKeys(pool, days)) === rowsPerStatement,
      idleMs: everyMs,
      idleFirst: true,
      // There is no hurry: the next attempt is made an hour later.
      backoff: { firstMs: everyMs, maxMs: everyMs },
      log: new Logger(IdempotencyKeyExpiry.name),
    });
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.stop();
  }
}
