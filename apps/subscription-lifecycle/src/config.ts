import { ServiceEnv } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsNumber, Length, Matches, Max, Min } from 'class-validator';
import { type CmpSigns, defaultSigns } from './orders/protocol/order-at-cmp.ts';
import { leaseMs } from './orders/protocol/order-steps.ts';
import { defaultRetryPolicy } from './orders/protocol/retry-policy.ts';
import { defaultTenantRules, type TenantRules } from './orders/resolving/microsoft-parameters.ts';
import type { RefundRules } from './quotes/estimate.ts';

export class SubscriptionLifecycleEnv extends ServiceEnv {
  /** Orders worked on at the same time by one process; 0 leaves them to others. */
  @Type(() => Number) @IsInt() @Min(0) @Max(50) ORDER_WORKERS: number = 4;
  /** How often a worker without work looks for some. */
  @Type(() => Number) @IsInt() @Min(50) @Max(60_000) ORDER_POLL_MS: number = 1_000;
  /** How long an order belongs to the process that took it, when that is not heard of any more. */
  @Type(() => Number) @IsInt() @Min(1_000) @Max(3_600_000) ORDER_LEASE_MS: number = leaseMs;
  /** Nothing is sent again sooner than this. Below the default only where CMP is a simulator: a double order costs a year of licences. */
  @Type(() => Number) @IsInt() @Min(1_000) ORDER_RESEND_FLOOR_MS: number = defaultRetryPolicy.resendFloor;
  /** CMP's internal codes of orders that wait for a confirmation in its control panel, separated by commas. */
  @Matches(/^([A-Za-z0-9_]{1,20}(,[A-Za-z0-9_]{1,20})*)?$/) HOLD_STATUS_CODES: string =
    defaultSigns.holdCodes.join(',');
  /** Names of attributes and parameters in which CMP gives a link that the customer has to accept, separated by commas. */
  @Length(0, 2000) ACCEPTANCE_LINK_FIELDS: string = defaultSigns.linkFields.join(',');
  /** Phrases, separated by semicolons, in a 500 that clearly refuse an order, beside those known; `*` stands for any text. */
  @Length(0, 4000) CMP_CLEAR_REFUSALS: string = '';
  /** How often scheduled changes that are due are looked for; 0 leaves them to others. */
  @Type(() => Number) @IsInt() @Min(0) @Max(3_600_000) SCHEDULE_POLL_MS: number = 1_000;
  /** How often subscriptions are looked for that somebody is to be warned of; 0 leaves them to others. */
  @Type(() => Number) @IsInt() @Min(0) @Max(3_600_000) WARNING_POLL_MS: number = 10_000;
  /** Hours before seats can no longer be taken back; empty: nothing is said of it. */
  @Matches(/^([1-9]\d{0,3}(,[1-9]\d{0,3})*)?$/) WINDOW_WARNING_HOURS: string = '48,6';
  /** Days before a renewal; empty: nothing is said of it. */
  @Matches(/^([1-9]\d{0,3}(,[1-9]\d{0,3})*)?$/) RENEWAL_WARNING_DAYS: string = '90,60,30,7';
  /** What a new commerce domain ends with; sovereign clouds have their own. */
  @Matches(/^(\.[a-z0-9-]+)+$/i) MICROSOFT_DOMAIN_SUFFIX: string = defaultTenantRules.domainSuffix;
  /** How legacy Office 365 wants its domain: New Zealand takes the full one, other marketplaces the prefix. */
  @IsIn(['prefix', 'full']) LEGACY_DOMAIN: 'prefix' | 'full' = defaultTenantRules.legacyDomain;
  /** The name of the parameter that has it. */
  @Length(1, 100) LEGACY_DOMAIN_PARAMETER: string = defaultTenantRules.legacyDomainParameter;
  /** Whether a new commerce purchase has to name its tenant; `no` leaves CMP to know it. */
  @IsIn(['yes', 'no']) TENANT_NEEDED: 'yes' | 'no' = 'yes';
  /** Whether a new commerce purchase needs the partner-of-record attestation (distribution model). */
  @IsIn(['yes', 'no']) ATTESTATION_NEEDED: 'yes' | 'no' = 'no';
  /** Names, or parts of them, and part numbers of products in an extended service term, separated by commas; others are recognised by their dates. */
  @Length(0, 2_000) EXTENDED_TERM_PRODUCTS: string = '';
  /** How long a quote binds. */
  @Type(() => Number) @IsInt() @Min(1) @Max(10_080) QUOTE_MINUTES: number = 60;
  /** How long a quote waits for CMP's estimate. */
  @Type(() => Number) @IsInt() @Min(1) @Max(120) QUOTE_CMP_SECONDS: number = 15;
  /** By how much CMP's price may be above the quoted one when the order does not say. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(100) PRICE_TOLERANCE_PERCENT: number = 0;
  /** Whether a cancellation in the first 24 hours gives back everything; Microsoft says prorated, some marketplaces do. */
  @IsIn(['yes', 'no']) FULL_REFUND_FIRST_DAY: 'yes' | 'no' = 'no';
}

const commaSeparated = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** Which refunds this installation's marketplace gives. */
export const readRefundRules = (env: SubscriptionLifecycleEnv): RefundRules => ({
  fullRefundFirstDay: env.FULL_REFUND_FIRST_DAY === 'yes',
});

/** By what this installation's CMP shows that an order waits for a person. */
export const readCmpSigns = (env: SubscriptionLifecycleEnv): CmpSigns => ({
  holdCodes: commaSeparated(env.HOLD_STATUS_CODES),
  linkFields: commaSeparated(env.ACCEPTANCE_LINK_FIELDS),
});

/** The rules for the parameters of purchases, as this installation's marketplace has them. */
export const readTenantRules = (env: SubscriptionLifecycleEnv): TenantRules => ({
  domainSuffix: env.MICROSOFT_DOMAIN_SUFFIX.toLowerCase(),
  legacyDomain: env.LEGACY_DOMAIN,
  legacyDomainParameter: env.LEGACY_DOMAIN_PARAMETER,
  tenantNeeded: env.TENANT_NEEDED === 'yes',
  attestationNeeded: env.ATTESTATION_NEEDED === 'yes',
});
