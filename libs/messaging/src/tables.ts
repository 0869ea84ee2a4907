import type { EntityClass } from '@mikro-orm/core';
import { InboxMessage } from './consume/inbox-message.entity.ts';
import { ParkedMessage } from './consume/parked-message.entity.ts';
import { OutboxMessage } from './outbox/outbox-message.entity.ts';
import { OutboxRelayState } from './outbox/outbox-relay-state.entity.ts';

/** A service lists these among its entities and so has its own outbox and inbox in its own database. */
export const messagingTables: EntityClass<object>[] = [
  OutboxMessage,
  OutboxRelayState,
  InboxMessage,
  ParkedMessage,
] as const satisfies EntityClass<object>[];
