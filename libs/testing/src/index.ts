export { ApiContract, apiContract, compareWithDocument } from './api-conformance.ts';
export { auditedActions, watchAudit, type WrittenEntry } from './audit-log.ts';
export { Browser, rawGet, type Seen } from './browser.ts';
export { testCertificates, type TestCertificates } from './certificates.ts';
export {
  chromiumPath,
  fetchNatsServer,
  freePort,
  natsConfig,
  operator,
  type RunningNats,
  type RunningServer,
  spawnTied,
  storeSetting,
} from '../servers/index.mjs';
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
export { statementsFor } from './database/statements.ts';
export { nextMigration, type NextMigration } from './database/next-migration.ts';
export { tenantLeaks } from './database/tenant-isolation.ts';
export { schemaDifferences, type SchemaDifferences } from './database/schema-differences.ts';
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
