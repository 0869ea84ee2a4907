export { MessagingModule } from './messaging.module.ts';
export {
  MessagingOptions,
  type MessagingSettings,
  type RetryPolicy,
  type TenantScopes,
} from './messaging-options.ts';
export { connectMessaging } from './consume/transport.ts';
export {
  NatsClosed,
  NatsConnection,
  NatsPermissionDenied,
  NatsUnavailable,
  type NatsState,
} from './nats/nats-connection.ts';
export { JetStreamHealth } from './nats/jetstream-health.ts';
export { InvalidNatsKey, NatsKey } from './nats/nats-key.ts';
export {
  type AllPermissions,
  callBudgetBucket,
  type NatsPermissions,
  natsPermissions,
} from './nats/permissions.ts';

// Events: published by way of the outbox, consumed once by way of the inbox.
export { InvalidEnvelope, Message, type EventEnvelope, type NewEvent } from './message.ts';
export { emit, emitMany, event, type EventMetadata, type SqlClient } from './outbox/outbox.ts';
export { InsertFence } from './outbox/insert-fence.ts';
export { connectTimeoutMs, Relay, type ReplayRange } from './outbox/outbox-relay.ts';
export { DuplicateHandler, JetStreamServer, NoHandler, On } from './consume/transport.ts';
export { Inbox, once } from './consume/inbox.ts';
export { ackDecisionFor, type AckDecision } from './consume/consumer.ts';
export { type DescribedMessage, ParkedMessages, ParkedMessageNotFound } from './consume/parked-messages.ts';
export { LiveEvents } from './consume/live-events.ts';

// The tables these need in a service's database.
export {
  InboxMessage,
  messagingMigrationSql,
  messagingSubjectsSql,
  messagingTables,
  messagingTablesSql,
  OutboxMessage,
  OutboxRelayState,
  ParkedMessage,
} from './tables.ts';

// Queries in the entities' names.
export { compiledOnce, plannedName, planOnce, statementsOf } from './entity-queries.ts';

// Requests from one service to another.
export { RespondTo } from './consume/transport.ts';
export {
  RequestClient,
  RequestLimit,
  RequestRefused,
  MessageTooLarge,
  NoResponse,
  fitToMessage,
  isUnreachable,
  type RequestContext,
  type RequestOptions,
} from './requests.ts';

// Loops.
export { KeyedQueue, Semaphore } from './keyed-queue.ts';
export {
  backoffMs,
  endingLoopsBy,
  retry,
  RetryLoop,
  runLoop,
  WakeSignal,
  type Backoff,
  type LoopOptions,
} from './retry-loop.ts';

export {
  activeTraceparent,
  attributes as messagingAttributes,
  instruments,
  withSpan,
  metricNames as messagingMetrics,
} from './telemetry.ts';
