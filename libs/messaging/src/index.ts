export { MessagingModule } from './messaging.module.ts';
export { MessagingOptions, type MessagingSettings, type RetryPolicy } from './messaging-options.ts';
export { connectMessaging } from './consume/transport.ts';
export { NatsAway, NatsClosed, NatsConnection, type NatsState } from './nats/nats-connection.ts';

// Events: published by way of the outbox, consumed once by way of the inbox.
export { EnvelopeBroken, Message, type EventEnvelope, type NewEvent } from './message.ts';
export { emit, emitMany, event, type EventFacts, type Statements } from './outbox/outbox.ts';
export { Relay, type ReplayRange } from './outbox/outbox-relay.ts';
export { HandlerDeclaredTwice, JetStreamServer, NothingHearsIt, On } from './consume/transport.ts';
export { Inbox, once } from './consume/inbox.ts';
export { settlementOf, type Settlement } from './consume/consumer.ts';
export { ParkedMessages, ParkedMessageUnknown } from './consume/parked-messages.ts';
export { LiveEvents } from './consume/live-events.ts';

// The tables these need in a service's database.
export {
  InboxMessage,
  messagingMigrationSql,
  messagingTables,
  OutboxMessage,
  OutboxRelayState,
  ParkedMessage,
} from './tables.ts';

// Requests from one service to another.
export { Answers } from './consume/transport.ts';
export {
  Asker,
  AskLimit,
  AskRefused,
  AskTooLarge,
  AskUnanswered,
  fittingPage,
  isUnreachable,
  type AskContext,
  type AskOptions,
} from './requests.ts';

// Loops.
export { KeyedQueue, Semaphore } from './keyed-queue.ts';
export {
  backoffMs,
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
  inSpanOf,
  metricNames as messagingMetrics,
} from './telemetry.ts';
