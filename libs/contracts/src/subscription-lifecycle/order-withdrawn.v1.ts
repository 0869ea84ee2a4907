import { Event } from '../event-contract.ts';
import { OrderFactsV1 } from './order-facts.ts';

@Event({
  subject: 'subscription-lifecycle.order-withdrawn.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary: 'An order was withdrawn before it took effect.',
})
export class OrderWithdrawnV1 extends OrderFactsV1 {}
