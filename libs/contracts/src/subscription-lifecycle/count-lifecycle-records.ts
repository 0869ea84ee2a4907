import { IsInt, Min } from 'class-validator';
import { ServiceRequest } from '../contract.ts';
import { SubscriptionRequest } from './subscription.ts';

/** The response to CountLifecycleRecords. */
export class CountLifecycleRecordsResponse {
  /** Not ended. */
  @IsInt() @Min(0) liveSubscriptions!: number;
  /** Never sent: they can be refused without a trace at CMP. */
  @IsInt() @Min(0) ordersPlanned!: number;
  @IsInt() @Min(0) ordersSending!: number;
  /** They may be at CMP or not, those waiting to be sent a second time included. */
  @IsInt() @Min(0) ordersUnknown!: number;
  /** CMP has them and they are not proved yet, those kept for the renewal included. */
  @IsInt() @Min(0) ordersAccepted!: number;
  @IsInt() @Min(0) ordersNeedingAttention!: number;
  /** Proposed, planned or ordered. */
  @IsInt() @Min(0) scheduledChanges!: number;
}

@ServiceRequest({
  subject: 'rpc.subscription-lifecycle.count-connector-records',
  service: 'subscription-lifecycle',
  summary:
    'Counts the records that the removal of a connector would end, reject or leave open; all zero if there are none.',
})
export class CountLifecycleRecords extends SubscriptionRequest {
  static readonly response = CountLifecycleRecordsResponse;
}
