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
