import {
  defaultOrderGuard,
  type FieldNameStyle,
  type OrderGuardV1,
  type OrderLimitsV1,
  type TermOfFrequencyV1,
} from '@isthmus/contracts';
import {
  checkOutboundUrl,
  invalidInput,
  type OutboundRules,
  type OutboundUrlProblem,
} from '@isthmus/service-kit';
import type { ChangeConnector, CreateConnector, TermOfFrequencySettings } from './connector-requests.dto.ts';

export const connectorStatuses = ['active', 'paused', 'removed'] as const;
export type ConnectorStatus = (typeof connectorStatuses)[number];
export type ConnectorAction = 'pause' | 'resume' | 'remove' | 'restore';

/**
 * The life cycle of a connector; transitions that are not listed are rejected. Pausing a paused connector and resuming an active
 * one have no effect, so that the first reason of a pause is kept and a repeated command does no harm.
 */
export const connectorLifecycle: Record<
  ConnectorStatus,
  Partial<Record<ConnectorAction, ConnectorStatus>>
> = {
  active: { pause: 'paused', resume: 'active', remove: 'removed' },
  paused: { pause: 'paused', resume: 'active', remove: 'removed' },
  removed: { restore: 'active' },
};

/** The reason why a connector is paused. */
export interface Pause {
  /** UTC, ISO 8601. */
  since: string;
  /** The person's subject, or the service's name. */
  by: string;
  /** True if a service paused it because of a response of CMP. */
  automatic: boolean;
  /** A machine code such as `password`; `person` if a person paused it. */
  cause: string;
  detail: string;
  nextStep: string;
}

/** A single check of a verification, with its result. */
export interface VerificationStep {
  step: string;
  ok: boolean;
  /** A machine code such as `password`; absent when it went well. */
  cause?: string;
  /** The connector's field to fix, where one is wrong. */
  field?: string;
  detail: string;
  /** The next step; absent if the check succeeded. */
  mend?: string;
  /** CMP's own, for its support. */
  correlationId?: string;
  ms: number;
}

export interface Verification {
  ok: boolean;
  steps: VerificationStep[];
  /** UTC, ISO 8601. */
  checkedAt: string;
}

/** Intervals in minutes at which CMP is read; 0 turns that kind of read off. */
export interface Schedule {
  /** New and open orders. */
  tickMinutes: number;
  /** All subscriptions. */
  sweepMinutes: number;
  /** All provider accounts. */
  accountsMinutes: number;
}

/** The number of calls that CMP allows for this subscription key; null if it is unknown and has to be discovered. */
export interface CallLimit {
  perMinute: number | null;
  perDay: number | null;
}

/** The settings made by a person, except for secrets. */
export interface ConnectorSettings {
  name: string;
  username: string;
  /** Canonical, see `canonicalApiUrl`. */
  apiUrl: string;
  /** The reseller's own account id at CMP. */
  accountId: string;
  country: string;
  currency: string;
  /** null: the one of the country. */
  marketplace: string | null;
  schedule: Schedule;
  callLimit: CallLimit;
  /** The form of responses to Work 365 for this connector's API keys. */
  fieldNames: FieldNameStyle;
  /** The term to assume if Work 365 specifies only a billing frequency. */
  termOfFrequency: TermOfFrequencyV1;
  /** Contains only what a user set; the rest comes from `defaultOrderGuard` for the currency. */
  orderGuard: OrderGuardSettings;
}

/** Defines which orders need a quote or an approval, as far as a user decided it. */
export interface OrderGuardSettings {
  quoteFrom?: Partial<OrderLimitsV1>;
  approvalFrom?: Partial<OrderLimitsV1>;
  approvalDays?: number;
}

/** Returns the limits that apply to the orders of a connector: those that a user set, otherwise the defaults. */
export function orderGuardOf({
  currency,
  orderGuard: { quoteFrom, approvalFrom, ...set },
}: Pick<ConnectorSettings, 'currency' | 'orderGuard'>): OrderGuardV1 {
  const usual = defaultOrderGuard(currency);
  return {
    ...usual,
    ...set,
    quoteFrom: { ...usual.quoteFrom, ...quoteFrom },
    approvalFrom: { ...usual.approvalFrom, ...approvalFrom },
  };
}

export const defaultSchedule: Schedule = { tickMinutes: 5, sweepMinutes: 60, accountsMinutes: 1440 };

/** The known limit of CMP's gateway for one subscription key. */
export const defaultCallLimit: CallLimit = { perMinute: 60, perDay: 5000 };

/** @throws Problem 400 for an address that must not be used */
export function newSettings(body: CreateConnector, rules: OutboundRules): ConnectorSettings {
  const { password: _, subscriptionKey: __, marketplace = null, ...settings } = body;
  return {
    ...settings,
    marketplace,
    apiUrl: requireApiUrl(body.apiUrl, rules),
    schedule: { ...defaultSchedule, ...body.schedule },
    callLimit: { ...defaultCallLimit, ...body.callLimit },
    fieldNames: body.fieldNames ?? 'camelCase',
    termOfFrequency: mergeTerms({}, body.termOfFrequency),
    orderGuard: mergeGuards({}, body.orderGuard),
  };
}

/**
 * Applies only the fields in the body; omitted parts of schedule and limit are not changed.
 * @throws Problem 400 for an address that must not be used
 */
export function changedSettings(
  body: ChangeConnector,
  current: Pick<ConnectorSettings, 'schedule' | 'callLimit' | 'termOfFrequency' | 'orderGuard'>,
  rules: OutboundRules,
): Partial<ConnectorSettings> {
  const {
    password: _,
    subscriptionKey: __,
    apiUrl,
    schedule,
    callLimit,
    termOfFrequency,
    orderGuard,
    ...settings
  } = body;
  return {
    ...settings,
    ...(apiUrl !== undefined && { apiUrl: requireApiUrl(apiUrl, rules) }),
    ...(schedule && { schedule: { ...current.schedule, ...schedule } }),
    ...(callLimit && { callLimit: { ...current.callLimit, ...callLimit } }),
    ...(termOfFrequency && { termOfFrequency: mergeTerms(current.termOfFrequency, termOfFrequency) }),
    ...(orderGuard && { orderGuard: mergeGuards(current.orderGuard, orderGuard) }),
  };
}

/** Fields that are left out stay; null switches a limit off. */
function mergeGuards(before: OrderGuardSettings, given: OrderGuardSettings = {}): OrderGuardSettings {
  const { quoteFrom, approvalFrom, approvalDays } = given;
  return {
    ...before,
    ...(quoteFrom && { quoteFrom: { ...before.quoteFrom, ...givenOf(quoteFrom) } }),
    ...(approvalFrom && { approvalFrom: { ...before.approvalFrom, ...givenOf(approvalFrom) } }),
    ...(approvalDays !== undefined && { approvalDays }),
  };
}

const givenOf = (limits: Partial<OrderLimitsV1>): Partial<OrderLimitsV1> =>
  Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));

/** Keeps only terms that are set. */
function mergeTerms(before: TermOfFrequencyV1, given: TermOfFrequencySettings = {}): TermOfFrequencyV1 {
  const terms: TermOfFrequencyV1 = {};
  for (const frequency of ['monthly', 'annual', 'triennial'] as const) {
    const term = given[frequency] === undefined ? before[frequency] : given[frequency];
    if (term) terms[frequency] = term;
  }
  return terms;
}

const urlMessages: Record<OutboundUrlProblem, string> = {
  'not-a-url': 'apiUrl must be a URL such as https://api.cloud.im/marketplace/na',
  'not-https': 'apiUrl must start with https://',
  'credentials-in-url': 'apiUrl must not contain a user name or password; use the separate fields',
  'private-address': 'apiUrl must lead to a public address',
  'port-not-allowed': 'apiUrl must name no port other than 443 or 8443, unless OUTBOUND_PORTS allows it',
  fragment: 'apiUrl must not have a part after #',
};

/**
 * The address in its canonical form.
 * @throws Problem 400 when secrets must not be sent there
 */
function requireApiUrl(text: string, rules: OutboundRules): string {
  const problems = checkOutboundUrl(text, rules);
  if (problems.length > 0) {
    throw invalidInput(problems.map((problem) => ({ field: 'apiUrl', message: urlMessages[problem] })));
  }
  if (new URL(text).search) {
    throw invalidInput([{ field: 'apiUrl', message: 'apiUrl must not have a part after ?' }]);
  }
  return canonicalApiUrl(text);
}

/**
 * Returns one spelling per address, so that two connectors to one account are recognised: host names are case-insensitive and may
 * end in the root's dot; default ports, dot segments and trailing slashes are redundant; letters need no percent-encoding. The
 * path is case-sensitive. The text must be a URL.
 */
export function canonicalApiUrl(text: string): string {
  const url = new URL(text.trim());
  url.hostname = url.hostname.replace(/\.$/, '');
  const plain = url.pathname.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
  });
  return url.origin + new URL(plain, url.origin).pathname.replace(/\/+$/, '');
}
