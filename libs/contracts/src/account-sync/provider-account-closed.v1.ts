import { IsIn, IsISO8601, IsOptional, IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';

export const accountCloseReasons = [
  /** CMP says so. */
  'cancelled',
  /** A complete listing of CMP no longer has it. */
  'no-longer-listed',
  /** Its connector was removed here; CMP was not asked and nothing was cancelled. */
  'connector-removed',
] as const;
export type AccountCloseReason = (typeof accountCloseReasons)[number];

@Event({
  subject: 'account-sync.provider-account-closed.v1',
  producer: 'account-sync',
  aggregate: 'provider-account',
  summary:
    'CMP no longer lists the account, or lists it as closed, or its connector was removed; everything it owns must be wound down.',
})
export class ProviderAccountClosedV1 {
  @IsUUID() connectorId!: string;
  /** Our id. */
  @IsUUID() providerAccountId!: string;
  @Length(1, 64) cmpAccountId!: string;
  @Length(0, 500) name!: string;
  /** CMP's word. */
  @Length(1, 64) status!: string;
  /** Locally owned; no sync overwrites it. */
  @IsOptional() @Length(1, 255) customDomain?: string;
  @IsOptional() @Length(1, 255) externalId?: string;
  @IsOptional() @IsIn(accountCloseReasons) reason?: AccountCloseReason;
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}
