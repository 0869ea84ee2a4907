export { ApiContract, apiContract, compareWithDocument } from './api-conformance.ts';
export { auditedActions, watchAudit, type WrittenEntry } from './audit-log.ts';
export { freePort, operator, type RunningNats, type RunningServer, spawnTied } from '../servers/index.mjs';
export {
  connectNats,
  eventProbe,
  type EventProbe,
  eventually,
  type RecordedEvent,
  requestsTo,
  standIn,
} from './probes.ts';
export {
  type CallOptions,
  type Json,
  keyRing,
  type NeighbourOptions,
  type OutboxEvent,
  problemIn,
  type Reply,
  runFakeService,
  type RunOptions,
  runService,
  send,
  serviceDatabase,
  startPlatform,
  type TestPlatform,
  type TestService,
} from './run-service.ts';
export { nextMigration, type NextMigration } from './next-migration.ts';
export { tenantLeaks } from './tenant-isolation.ts';
export { schemaDifferences, type SchemaDifferences } from './schema-differences.ts';
export {
  defaultTenant,
  databaseEnv,
  type DatabaseEnv,
  freshDatabase,
  type FreshDatabase,
  migratedDatabase,
  startNats,
  startPostgres,
  testIssuer,
  type TestIssuer,
  type TokenClaims,
} from './test-environment.ts';
