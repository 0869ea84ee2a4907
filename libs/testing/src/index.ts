export { freePort, type RunningServer, spawnTied } from '../servers/index.mjs';
export { ApiContract, apiContract, compareWithDocument } from './api-conformance.ts';
export { eventProbe, type EventProbe, eventually, type RecordedEvent } from './probes.ts';
export {
  type CallOptions,
  type Json,
  keyRing,
  type NeighbourOptions,
  type OutboxEvent,
  problemIn,
  type Reply,
  runNeighbour,
  type RunOptions,
  runService,
  send,
  serviceDatabase,
  startPlatform,
  type TestPlatform,
  type TestService,
} from './run-service.ts';
export { nextMigration, type NextMigration } from './next-migration.ts';
export { schemaDifferences, type SchemaDifferences } from './schema-differences.ts';
export {
  defaultTenant,
  freshDatabase,
  type FreshDatabase,
  migratedDatabase,
  startNats,
  startPostgres,
  testIssuer,
  type TestIssuer,
  type TokenClaims,
} from './test-environment.ts';
