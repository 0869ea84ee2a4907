export { freePort, spawnTied, type RunningServer } from '../servers/index.mjs';
export { eventEar, type EventEar, type HeardEvent } from './event-ear.ts';
export { eventually } from './eventually.ts';
export {
  keyRing,
  problemIn,
  runNeighbour,
  runService,
  send,
  startPlatform,
  type CallOptions,
  type Json,
  type NeighbourOptions,
  type OutboxEvent,
  type Reply,
  type RunOptions,
  type TestPlatform,
  type TestService,
} from './run-service.ts';
export { nextMigration, type NextMigration } from './next-migration.ts';
export { schemaDifferences, type SchemaDifferences } from './schema-differences.ts';
export { defaultTenant, testIssuer, type TestIssuer, type TokenClaims } from './test-issuer.ts';
export { freshDatabase, startNats, startPostgres, type FreshDatabase } from './test-servers.ts';
