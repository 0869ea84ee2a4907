export { Answers } from './consume/transport.ts';
export type { AskContext } from './requests.ts';
export { AskLimit } from './requests.ts';
export { AskRefused, AskTooLarge, AskUnanswered, isUnreachable } from './requests.ts';
export { Asker, type AskOptions } from './requests.ts';
export { fittingPage } from './requests.ts';
export { connectMessaging } from './consume/transport.ts';
export { HandlerDeclaredTwice, NothingHearsIt, ParkedMessageUnknown } from './consume/transport.ts';
export { InboxMessage } from './tables.ts';
export { Inbox } from './consume/inbox.ts';
export { JetStreamServer } from './consume/transport.ts';
export { LiveEvents } from './consume/live-events.ts';
export { On } from './consume/transport.ts';
export { once } from './consume/inbox.ts';
export { ParkedMessage } from './tables.ts';
export { ParkedMessages } from './consume/parked-messages.ts';
export { settlementOf, type Settlement } from './consume/consumer.ts';
export { WorkQueue, type Stop, type WorkItem, type WorkOptions } from './consume/work-queue.ts';
export { KeyedQueue, Semaphore } from './keyed-queue.ts';
export { Message, type EventEnvelope } from './message.ts';
export { messagingMigrationSql } from './tables.ts';
export { MessagingOptions, type MessagingSettings, type RetryPolicy } from './messaging-options.ts';
export { MessagingModule } from './messaging.module.ts';
export { budgetStore, type BudgetEntry, type BudgetStore } from './nats/budget-store.ts';
export { NatsConnection, type NatsState } from './nats/nats-connection.ts';
export { EnvelopeBroken, NatsAway, NatsClosed } from './nats/nats-connection.ts';
export { emitMany } from './outbox/outbox.ts';
export { emit } from './outbox/outbox.ts';
export { enqueueWork, type WorkFacts } from './consume/work-queue.ts';
export { event, type EventFacts } from './outbox/outbox.ts';
export type { NewEvent } from './message.ts';
export type { Statements } from './outbox/outbox.ts';
export { OutboxMessage } from './tables.ts';
export { OutboxRelayState } from './tables.ts';
export { Relay, type ReplayRange } from './outbox/outbox-relay.ts';
export {
  backoffMs,
  retry,
  RetryLoop,
  runLoop,
  WakeSignal,
  type Backoff,
  type LoopOptions,
} from './retry-loop.ts';
export { messagingTables } from './tables.ts';
export { inSpanOf } from './telemetry.ts';
export { activeTraceparent } from './telemetry.ts';
export { attributes as messagingAttributes, metricNames as messagingMetrics } from './telemetry.ts';
