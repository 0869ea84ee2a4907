export { start } from './start.ts';
export { createService, type RunningService, type ServiceTools } from './service.ts';
export type { DatabaseOptions, MigrationClass, ServiceOptions } from './service-options.ts';
export { ServiceEnv } from './service-env.ts';
export { BadConfiguration, readConfig } from './config.ts';
export { currentCorrelationId } from './correlation.ts';

export { Answer } from './http/answer.ts';
export { etag, IfMatch, readIfMatch, requireVersion, staleVersion, tagged } from './http/etag.ts';
export {
  decodeCursor,
  encodeCursor,
  page,
  pageOf,
  PageQuery,
  type CursorKey,
  type CursorPart,
  type Page,
} from './http/paging.ts';
export { IfGiven } from './http/if-given.ts';
export { isoTime, isoTimeOrNull } from './http/iso-time.ts';
export { QueryFlag } from './http/query-flag.ts';
export { notFound, pluralOf, Problem, type FieldError, type ProblemFacts } from './http/problem.ts';
export { UuidParam } from './http/uuid-param.ts';
export { invalidInput, readForeignBody } from './http/validation.pipe.ts';
export { sse, type ServerSentEvent } from './http/sse.ts';

export { CurrentKey, type ApiKeyAccess, type ApiKeyVerifier, type KeyHolder } from './auth/api-key.ts';
export { CurrentUser } from './auth/current-user.ts';
export { Principal, type Role } from './auth/principal.ts';
export { Allow, AllowApiKey, Consumes, Open, Produces } from './auth/route-access.ts';

export { Describe, type Description } from './openapi/describe.ts';
export { documentOf } from './openapi/print-document.ts';

export { clientOf } from './database/client-of.ts';
export { anywhere, Conditions } from './database/conditions.ts';
export { TenantRows } from './database/tenant-rows.ts';
export { TenantStore } from './database/tenant-store.ts';
export { inTransaction, transaction } from './database/transaction.ts';
export { schemaDrift } from './database/schema-drift.ts';

export { Idempotency, IdempotencyIfGiven, keyRequired } from './idempotency/idempotency.decorator.ts';
export { IdempotencyKey } from './idempotency/idempotency-key.entity.ts';
export { idempotencySql } from './idempotency/idempotency-sql.ts';
export type { IdempotentRequest } from './idempotency/idempotent-request.ts';
export { idempotentStatement, type Parameter } from './idempotency/idempotent-statement.ts';
export { earlierAnswer } from './idempotency/earlier-answer.ts';
export { idempotent } from './idempotency/idempotent.ts';
export { replay, type StoredAnswer } from './idempotency/stored-answer.ts';

export { KeyRing } from './secrets/key-ring.ts';
export { needsReseal, open, reseal, seal, type SecretOwner } from './secrets/seal.ts';
export { BadKeyRing, SecretKeyMissing, SecretNotOpened } from './secrets/secret.errors.ts';
export { Secret } from './secrets/secret.ts';

export { checkOutboundUrl, type OutboundUrlProblem } from './outbound/check-outbound-url.ts';
export { outboundDispatcher, type OutboundOptions } from './outbound/dispatcher.ts';
export { BlockedAddress } from './outbound/outbound.errors.ts';

export { counter, histogram } from './telemetry/metrics.ts';
export { attributes, type AttributeName, type CounterName, type HistogramName } from './telemetry/names.ts';
