import { Event } from '../event-contract.ts';
import { SubscriptionFactsV1 } from './subscription-facts.ts';

@Event({
  subject: 'subscription-lifecycle.subscription-created.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'subscription',
  summary: 'A subscription is kept from now on.',
})
export class SubscriptionCreatedV1 extends SubscriptionFactsV1 {}
