export { Answers } from './ask/answers.ts';
export type { AskContext } from './ask/ask-context.ts';
export { AskLimit } from './ask/ask-limit.ts';
export { AskRefused, AskTooLarge, AskUnanswered, isUnreachable } from './ask/ask.errors.ts';
export { Asker, type AskOptions } from './ask/asker.ts';
export { fittingPage } from './ask/fitting-page.ts';
export { connectMessaging } from './connect-messaging.ts';
export { HandlerDeclaredTwice, NothingHearsIt, ParkedMessageUnknown } from './consume/consume.errors.ts';
export { InboxMessage } from './consume/inbox-message.entity.ts';
export { Inbox } from './consume/inbox.ts';
export { JetStreamServer } from './consume/jetstream-server.ts';
export { LiveEvents } from './consume/live-events.ts';
export { On } from './consume/on.ts';
export { once } from './consume/once.ts';
export { ParkedMessage } from './consume/parked-message.entity.ts';
export { ParkedMessages } from './consume/parked-messages.ts';
export { settlementOf, type Settlement } from './consume/settlement.ts';
export { WorkQueue, type Stop, type WorkItem, type WorkOptions } from './consume/work-queue.ts';
export { KeyedQueue, Semaphore } from './keyed-queue.ts';
export { Message, type EventEnvelope } from './message.ts';
export { messagingMigrationSql } from './messaging-migration.ts';
export { MessagingOptions, type MessagingSettings, type RetryPolicy } from './messaging-options.ts';
export { MessagingModule } from './messaging.module.ts';
export { budgetStore, type BudgetEntry, type BudgetStore } from './nats/budget-store.ts';
export { NatsConnection, type NatsState } from './nats/nats-connection.ts';
export { EnvelopeBroken, NatsAway, NatsClosed } from './nats/nats.errors.ts';
export { emitMany } from './outbox/emit-many.ts';
export { emit } from './outbox/emit.ts';
export { enqueueWork, type WorkFacts } from './outbox/enqueue-work.ts';
export { event, type EventFacts, type NewEvent } from './outbox/event.ts';
export type { Statements } from './outbox/statements.ts';
export { OutboxMessage } from './outbox/outbox-message.entity.ts';
export { OutboxRelayState } from './outbox/outbox-relay-state.entity.ts';
export { Relay, type ReplayRange } from './outbox/relay.ts';
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
export { inSpanOf } from './telemetry/spans.ts';
export { activeTraceparent } from './telemetry/traceparent.ts';
export { attributes as messagingAttributes, metricNames as messagingMetrics } from './telemetry/names.ts';
