import { IsInt, Min } from 'class-validator';
import { ServiceRequest } from '../contract.ts';
import { SubscriptionRequest } from './subscription.ts';

/** The response to CountLifecycleRecords. */
export class CountLifecycleRecordsResponse {
  /** Not ended. */
  @IsInt() @Min(0) liveSubscriptions!: number;
  /** Orders that were never sent: they can be rejected without a trace at CMP. */
  @IsInt() @Min(0) ordersPlanned!: number;
  @IsInt() @Min(0) ordersSending!: number;
  /** Orders that may be at CMP or not, including those waiting to be sent a second time. */
  @IsInt() @Min(0) ordersUnknown!: number;
  /** Orders that CMP has accepted and that are not confirmed yet, including those scheduled for the renewal. */
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
