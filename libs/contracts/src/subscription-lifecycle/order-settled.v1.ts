import { Event } from '../event-contract.ts';
import { OrderFactsV1 } from './order-facts.ts';

@Event({
  subject: 'subscription-lifecycle.order-settled.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary: 'CMP has completed an order, and reading the subscription again proved it.',
})
export class OrderSettledV1 extends OrderFactsV1 {}
