export { migrateDatabase, readApiDocument, start, startInOneProcess } from './start.ts';
export { createService, type RunningService, type ServiceTools } from './service.ts';
export type { DatabaseOptions, MigrationClass, ServiceOptions } from './service-options.ts';
export { ConnectorSecretsEnv, InvalidConfiguration, readConfig, ServiceEnv } from './config.ts';

export { ApiResponse, isoTime, isoTimeOrNull } from './http/api-response.ts';
export { etag, IfMatch, readIfMatch, requireVersion, staleVersion, withEtag } from './http/api-response.ts';
export {
  decodeCursor,
  encodeCursor,
  page,
  toPage,
  PageQuery,
  type CursorKey,
  type CursorPart,
  type Page,
} from './http/paging.ts';
export {
  notFound,
  pluralOf,
  Problem,
  problemForStatus,
  type FieldError,
  type ProblemDetails,
} from './http/problem.ts';
export {
  IfGiven,
  invalidInput,
  QueryFlag,
  QueryList,
  readExternalBody,
  UuidParam,
} from './http/validation.ts';
export { sse, type ServerSentEvent } from './http/sse.ts';

export {
  Allow,
  AllowApiKey,
  Audited,
  Consumes,
  CurrentApiKey,
  CurrentUser,
  NotAudited,
  Open,
  Principal,
  Produces,
  type RouteAccess,
  type ApiKeyAccess,
  type ApiKeyVerifier,
  type ApiKeyIdentity,
  type Role,
  roles,
  type SessionTokens,
} from './auth/access.ts';

export { tokenVerifier, unauthenticated, type VerifyToken } from './auth/verify-token.ts';

export { type Actor, actingAs, apiKeyActor, jobActor, serviceActor } from './audit/actor.ts';
export { audit, type AuditedChange, auditEffect } from './audit/audit.store.ts';
export {
  appendOnlyTables,
  AuditEntry,
  AuditHead,
  AuditLink,
  auditActorsSql,
  auditSql,
  auditTables,
  auditWitnessSql,
  WitnessedAuditHead,
} from './audit/audit.entity.ts';
export { readWitnessedHeads, verifyAudit, type AuditVerification } from './audit/verify-audit.ts';
export { witnessHead } from './audit/audit-witness.ts';
export { AuditLog } from './audit/audit-log.job.ts';
export { AuditEntryView, AuditQuery } from './audit/audit.controller.ts';
export { DropParkedMessage, ParkedMessageView } from './parked-messages/parked-messages.controller.ts';

export { Describe, type Description } from './openapi/describe.ts';
export { AnyJson, AnyObject, IsDay, IsInstant, MapOf, OrNull, Schema } from './openapi/fields.ts';

export { anywhere, Conditions, lockTenant, TenantRows, TenantStore } from './database/tenant-store.ts';
export { acrossTenants, type CrossTenantJob, inTenant, withoutTenant } from './database/tenant-scope.ts';
export {
  addTenantSql,
  declareTenantPolicy,
  sharedPolicySql,
  tablesOfNoTenant,
  tablesWithoutTenant,
  tenantOfTransaction,
  tenantPolicySql,
} from './database/tenant-policies.ts';
export { postgresAddress } from './database/postgres-address.ts';
export { clientIn, inTransaction, transaction } from './database/transactions.ts';

export { IdempotencyKey, idempotencySql } from './idempotency/idempotent.ts';
export {
  Idempotency,
  IdempotencyIfGiven,
  idempotencyKeyRequired,
  type IdempotentRequest,
} from './idempotency/idempotent-request.ts';
export {
  earlierResponse,
  idempotent,
  idempotentStatement,
  replay,
  type Parameter,
  type StoredResponse,
  storedResponseSql,
} from './idempotency/idempotent.ts';

export {
  InvalidKeyRing,
  KeyRing,
  keyRingProvider,
  SecretKeyMissing,
  SecretNotOpened,
} from './secrets/key-ring.ts';
export {
  KeyRingInstance,
  KeyRotation,
  keyRotationMigrationSql,
  keyRotationOf,
} from './secrets/key-rotation.ts';
export { needsReseal, open, reseal, seal, Secret, type SecretOwner } from './secrets/seal.ts';

export {
  BlockedAddress,
  checkOutboundUrl,
  outboundDispatcher,
  outboundRules,
  type OutboundOptions,
  type OutboundRules,
  type OutboundUrlProblem,
} from './outbound.ts';

export { currentCorrelationId } from './telemetry/correlation.ts';
export {
  attributes,
  counter,
  histogram,
  type AttributeName,
  type CounterName,
  type HistogramName,
} from './telemetry/metrics.ts';
