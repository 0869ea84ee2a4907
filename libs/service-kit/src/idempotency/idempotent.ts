import type { EntityManager } from '@mikro-orm/postgresql';
import { Answer } from '../http/answer.ts';

/** What makes two requests the same command. `@Idempotency()` reads it from the request. */
export interface IdempotentRequest {
  tenantId: string;
  /** `POST /v1/orders` */
  route: string;
  /** The client's Idempotency-Key. */
  key: string;
  /** Hash of the request body. */
  bodyHash: string;
}

/**
 * Does `effect` once per key, in one transaction with the record of its answer; repetitions get the same answer again.
 * Call it with an entity manager that is NOT in a transaction yet.
 * @throws Problem 409 while the first is running, 422 when the key was used with another body
 */
export declare function idempotent(
  em: EntityManager,
  request: IdempotentRequest,
  effect: (em: EntityManager) => Promise<Answer>,
): Promise<Answer>;
