import { ConnectorSecretsEnv } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsNumber, Length, Matches, Max, Min } from 'class-validator';
import { type CmpSigns, defaultSigns } from './orders/protocol/order-at-cmp.ts';
import { leaseMs } from './orders/protocol/order-steps.ts';
import { defaultRetryPolicy } from './orders/protocol/retry-policy.ts';
import { defaultTenantRules, type TenantRules } from './orders/resolving/microsoft-parameters.ts';
import type { RefundRules } from './quotes/estimate.ts';

export class SubscriptionLifecycleEnv extends ConnectorSecretsEnv {
  /** Orders processed concurrently by one process; 0 leaves them to other processes. */
  @Type(() => Number) @IsInt() @Min(0) @Max(50) ORDER_WORKERS: number = 4;
  /** Interval at which an idle worker looks for due orders. */
  @Type(() => Number) @IsInt() @Min(50) @Max(60_000) ORDER_POLL_MS: number = 1_000;
  /** How often an order is checked for each client that follows its progress. */
  @Type(() => Number) @IsInt() @Min(50) @Max(5_000) PROGRESS_POLL_MS: number = 400;
  /** Time for which an order remains leased to a process that has stopped reporting. */
  @Type(() => Number) @IsInt() @Min(1_000) @Max(3_600_000) ORDER_LEASE_MS: number = leaseMs;
  /**
   * The minimum time before an order is sent again. Set it below the default only for a simulator: a duplicate order costs a
   * year of licences.
   */
  @Type(() => Number) @IsInt() @Min(1_000) ORDER_RESEND_FLOOR_MS: number = defaultRetryPolicy.resendFloor;
  /** Days for which the calls of an order to CMP are kept. */
  @Type(() => Number) @IsInt() @Min(1) @Max(3_650) ORDER_CALL_KEEP_DAYS: number = 90;
  /** CMP's status codes of orders that wait for a confirmation in its control panel, separated by commas. */
  @Matches(/^([A-Za-z0-9_]{1,20}(,[A-Za-z0-9_]{1,20})*)?$/) HOLD_STATUS_CODES: string =
    defaultSigns.holdCodes.join(',');
  /** Names of attributes and parameters in which CMP returns a link that the customer has to accept, separated by commas. */
  @Length(0, 2000) ACCEPTANCE_LINK_FIELDS: string = defaultSigns.linkFields.join(',');
  /**
   * Phrases in a 500 that unambiguously reject an order, in addition to the built-in ones, separated by semicolons; `*` matches
   * any string.
   */
  @Length(0, 4000) CMP_CLEAR_REFUSALS: string = '';
  /** Interval at which due scheduled changes are looked up; 0 leaves them to other processes. */
  @Type(() => Number) @IsInt() @Min(0) @Max(3_600_000) SCHEDULE_POLL_MS: number = 1_000;
  /** Interval at which subscriptions with due warnings are looked up; 0 leaves them to other processes. */
  @Type(() => Number) @IsInt() @Min(0) @Max(3_600_000) WARNING_POLL_MS: number = 10_000;
  /** Warning times in hours before seats can no longer be returned; empty: no warnings. */
  @Matches(/^([1-9]\d{0,3}(,[1-9]\d{0,3})*)?$/) WINDOW_WARNING_HOURS: string = '48,6';
  /** Warning times in days before a renewal; empty: no warnings. */
  @Matches(/^([1-9]\d{0,3}(,[1-9]\d{0,3})*)?$/) RENEWAL_WARNING_DAYS: string = '90,60,30,7';
  /** The suffix of new commerce domains; sovereign clouds have their own. */
  @Matches(/^(\.[a-z0-9-]+)+$/i) MICROSOFT_DOMAIN_SUFFIX: string = defaultTenantRules.domainSuffix;
  /** Form of the domain for legacy Office 365: New Zealand uses the full one, other marketplaces the prefix. */
  @IsIn(['prefix', 'full']) LEGACY_DOMAIN: 'prefix' | 'full' = defaultTenantRules.legacyDomain;
  /** The name of the parameter that contains it. */
  @Length(1, 100) LEGACY_DOMAIN_PARAMETER: string = defaultTenantRules.legacyDomainParameter;
  /** Whether a new commerce purchase has to specify its tenant; `no` relies on CMP's data. */
  @IsIn(['yes', 'no']) TENANT_NEEDED: 'yes' | 'no' = 'yes';
  /** Whether a new commerce purchase requires the partner-of-record attestation (distribution model). */
  @IsIn(['yes', 'no']) ATTESTATION_NEEDED: 'yes' | 'no' = 'no';
  /**
   * Part numbers and (partial) names of products in an extended service term, separated by commas; others are recognised by
   * their dates.
   */
  @Length(0, 2_000) EXTENDED_TERM_PRODUCTS: string = '';
  /** Validity of a quote, in minutes. */
  @Type(() => Number) @IsInt() @Min(1) @Max(10_080) QUOTE_MINUTES: number = 60;
  /** Time that a quote waits for CMP's estimate, in seconds. */
  @Type(() => Number) @IsInt() @Min(1) @Max(120) QUOTE_CMP_SECONDS: number = 15;
  /** Percentage by which CMP's price may exceed the quoted one if the order does not specify it. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(100) PRICE_TOLERANCE_PERCENT: number = 0;
  /**
   * Whether a cancellation within the first 24 hours is refunded in full; according to Microsoft it is prorated, but some
   * marketplaces refund in full.
   */
  @IsIn(['yes', 'no']) FULL_REFUND_FIRST_DAY: 'yes' | 'no' = 'no';
}

const commaSeparated = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** The refund rules of this installation's marketplace. */
export const readRefundRules = (env: SubscriptionLifecycleEnv): RefundRules => ({
  fullRefundFirstDay: env.FULL_REFUND_FIRST_DAY === 'yes',
});

/** The way in which this installation's CMP shows that an order awaits manual intervention. */
export const readCmpSigns = (env: SubscriptionLifecycleEnv): CmpSigns => ({
  holdCodes: commaSeparated(env.HOLD_STATUS_CODES),
  linkFields: commaSeparated(env.ACCEPTANCE_LINK_FIELDS),
});

/** The rules for purchase parameters in this installation's marketplace. */
export const readTenantRules = (env: SubscriptionLifecycleEnv): TenantRules => ({
  domainSuffix: env.MICROSOFT_DOMAIN_SUFFIX.toLowerCase(),
  legacyDomain: env.LEGACY_DOMAIN,
  legacyDomainParameter: env.LEGACY_DOMAIN_PARAMETER,
  tenantNeeded: env.TENANT_NEEDED === 'yes',
  attestationNeeded: env.ATTESTATION_NEEDED === 'yes',
});
