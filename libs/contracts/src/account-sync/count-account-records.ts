import { IsInt, IsUUID, Min } from 'class-validator';
import { ServiceRequest } from '../contract.ts';

/** The response to CountAccountRecords. */
export class CountAccountRecordsResponse {
  /** Provider accounts that CMP lists. */
  @IsInt() @Min(0) accounts!: number;
  /** Accounts linked to a tenant account. */
  @IsInt() @Min(0) links!: number;
  /** Billing contracts of the linked tenant accounts. */
  @IsInt() @Min(0) contracts!: number;
  /** Subscriptions that CMP lists and that have not ended. */
  @IsInt() @Min(0) liveSubscriptions!: number;
  /** Sync runs that have not ended. */
  @IsInt() @Min(0) openRuns!: number;
}

@ServiceRequest({
  subject: 'rpc.account-sync.count-connector-records',
  service: 'account-sync',
  summary:
    'Counts the records that the removal of a connector would end in account-sync; all zero if there are none.',
})
export class CountAccountRecords {
  static readonly response = CountAccountRecordsResponse;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
}
