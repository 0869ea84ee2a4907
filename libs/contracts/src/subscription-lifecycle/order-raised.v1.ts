import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import { Event } from '../event-contract.ts';
import { OrderFactsV1 } from './order-facts.ts';
import { OrderReasonV1 } from './order-reason.ts';

@Event({
  subject: 'subscription-lifecycle.order-raised.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary: 'An order needs somebody: it cannot be told what became of it, or CMP does not finish it.',
})
export class OrderRaisedV1 extends OrderFactsV1 {
  @ValidateNested() @Type(() => OrderReasonV1) reason!: OrderReasonV1;
}
