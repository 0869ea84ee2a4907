import { IfGiven } from '@isthmus/service-kit';
import { Transform } from 'class-transformer';
import { IsBoolean, IsFQDN, IsOptional, MaxLength } from 'class-validator';

/** What is left out stays as it is. */
export class ChangeProviderAccount {
  /** E.g. `contoso.onmicrosoft.com`; no sync overwrites it. `null`: from now on the one CMP shows. */
  @Transform(({ value }) => (typeof value === 'string' ? value.trim().toLowerCase() : (value as unknown)))
  @IsOptional()
  @IsFQDN()
  @MaxLength(253)
  customDomain?: string | null;
  /** `false`: its subscriptions are left out of every run. */
  @IfGiven() @IsBoolean() syncEnabled?: boolean;
}
