import { Event } from '../event-contract.ts';
import { OrderFactsV1 } from './order-facts.ts';

@Event({
  subject: 'subscription-lifecycle.order-placed.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary: 'CMP has taken an order.',
})
export class OrderPlacedV1 extends OrderFactsV1 {}
