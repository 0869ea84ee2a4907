import type { Message } from '@isthmus/messaging';
import type { Effect } from './hearer.ts';
import type { EventRules } from './event-rules.ts';

/** A change of an order as somebody outside heard of it. */
export interface Heard {
  orderId: string;
  version: number;
  /** The event's subject. */
  type: string;
}

/** An outside program that keeps how each order stands, and passes every event on to somebody. */
export class OrderBook {
  readonly orders = new Map<string, Heard>();
  /** In the order in which they were taken in. */
  readonly applied: Heard[] = [];
  readonly passedOn: Heard[] = [];

  constructor(private readonly rules: EventRules) {}

  readonly effect: Effect = (message: Message, _data, stage) => {
    const heard = { orderId: message.subject, version: message.aggregateVersion, type: message.type };
    stage(() => this.passedOn.push(heard));
    if (this.rules.isOlder(message, this.orders.get(heard.orderId)?.version)) return;
    stage(() => {
      this.orders.set(heard.orderId, heard);
      this.applied.push(heard);
    });
  };
}
