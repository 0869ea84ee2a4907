import { Type } from 'class-transformer';
import { IsBoolean, IsISO8601, IsOptional, Length, ValidateNested } from 'class-validator';

/** Microsoft's customer agreement, as accepted by the customer. */
export class AcceptedAgreementV1 {
  @IsISO8601({ strict: true }) signedOn!: string;
  @IsOptional() @Length(0, 200) firstName?: string;
  @IsOptional() @Length(0, 200) lastName?: string;
  @IsOptional() @Length(0, 320) email?: string;
}

/** What the asker knows of the customer's Microsoft tenant; the parameters of an order are derived from it and the product. */
export class MicrosoftTenantV1 {
  /** `x.onmicrosoft.com`. */
  @Length(1, 255) domain!: string;
  /** Whether a subscription of the customer shows it. */
  @IsBoolean() exists!: boolean;
  @IsOptional() @ValidateNested() @Type(() => AcceptedAgreementV1) agreement?: AcceptedAgreementV1;
}
