import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import { Event } from '../event-contract.ts';
import { OrderFactsV1 } from './order-facts.ts';
import { OrderReasonV1 } from './order-reason.ts';

@Event({
  subject: 'subscription-lifecycle.order-refused.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary: 'An order will not be carried out; nothing has changed at CMP.',
})
export class OrderRefusedV1 extends OrderFactsV1 {
  @ValidateNested() @Type(() => OrderReasonV1) reason!: OrderReasonV1;
}
