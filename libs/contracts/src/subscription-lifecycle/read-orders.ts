import { ArrayMaxSize, ArrayMinSize, IsArray, IsUUID } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { SubscriptionQuestion } from './agreed-subscription.ts';
import { PlacedOrders } from './place-orders.ts';

@Ask({
  subject: 'ask.subscription-lifecycle.read-orders',
  service: 'subscription-lifecycle',
  summary: 'How up to 200 orders of a connector stand; those it does not have are left out.',
})
export class ReadOrders extends SubscriptionQuestion {
  static readonly answer = PlacedOrders;
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(200) @IsUUID('all', { each: true }) orderIds!: string[];
}
