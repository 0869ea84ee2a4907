import { Type } from 'class-transformer';
import { IsOptional, IsUUID, ValidateNested } from 'class-validator';
import { ServiceRequest } from '../contract.ts';
import { AcceptedAgreementV1 } from '../subscription-lifecycle/place-orders.ts';

/** The response to ReadAcceptedAgreement. */
export class ReadAcceptedAgreementResponse {
  /** Absent if none was recorded. */
  @IsOptional() @ValidateNested() @Type(() => AcceptedAgreementV1) agreement?: AcceptedAgreementV1;
}

@ServiceRequest({
  subject: 'rpc.rest-provider.read-accepted-agreement',
  service: 'rest-provider',
  summary: "Returns the acceptance of Microsoft's customer agreement that was last recorded for an account.",
})
export class ReadAcceptedAgreement {
  static readonly response = ReadAcceptedAgreementResponse;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  @IsUUID() providerAccountId!: string;
}
