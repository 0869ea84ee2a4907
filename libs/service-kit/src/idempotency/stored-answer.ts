import { Answer } from '../http/answer.ts';
import { Problem } from '../http/problem.ts';
import { counter } from '../telemetry/metrics.ts';
import type { IdempotentRequest } from './idempotent-request.ts';

export const idempotencyOutcomes = counter('isthmus.idempotency.requests');

/** A row of `idempotency_keys` as far as repeating its answer needs it. */
export interface StoredAnswer {
  body_hash: string;
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** Finds it by tenant, route and key; a named statement is planned once per connection. */
export const readStoredAnswer = {
  name: 'isthmus.stored-answer',
  text: 'select body_hash, status, headers, body from idempotency_keys where tenant_id = $1 and route = $2 and key = $3',
};

/** The answer the first request got. @throws Problem 422 when this request has another body */
export function replay(stored: StoredAnswer, request: IdempotentRequest): Answer {
  if (stored.body_hash !== request.bodyHash) {
    idempotencyOutcomes.add(1, { outcome: 'mismatch' });
    throw new Problem({
      status: 422,
      type: 'idempotency-key-reused',
      title: 'The Idempotency-Key belongs to another request',
      detail: `${request.route} was already called with this key and another body.`,
      nextStep: 'Use a fresh key for a new command.',
    });
  }
  idempotencyOutcomes.add(1, { outcome: 'replayed' });
  return new Answer(stored.status, stored.body ?? undefined, {
    ...stored.headers,
    'idempotency-replayed': 'true',
  });
}

export function stillRunning(request: IdempotentRequest): Problem {
  idempotencyOutcomes.add(1, { outcome: 'running' });
  return new Problem({
    status: 409,
    type: 'idempotency-key-in-use',
    title: 'The first request with this Idempotency-Key is still running',
    detail: `${request.route} is being carried out for another request with the same key.`,
    nextStep: 'Wait a moment and repeat the request with the same key.',
    retryAfterSeconds: 1,
  });
}
