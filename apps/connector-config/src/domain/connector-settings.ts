import type { FieldNameStyle, TermOfFrequencyV1 } from '@isthmus/contracts';

/** How often CMP is read, in minutes; 0 turns that reading off. */
export interface Schedule {
  /** New and open orders. */
  tickMinutes: number;
  /** All subscriptions. */
  sweepMinutes: number;
  /** All provider accounts. */
  accountsMinutes: number;
}

/** What CMP allows this subscription key; null where it is not known and has to be found out. */
export interface CallLimit {
  perMinute: number | null;
  perDay: number | null;
}

/** What a person sets, secrets excepted. */
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
  /** How Work 365 is to be answered through this connector's API keys. */
  fieldNames: FieldNameStyle;
  /** Which term Work 365 means when it names only how often is billed. */
  termOfFrequency: TermOfFrequencyV1;
}

export const defaultSchedule: Schedule = { tickMinutes: 5, sweepMinutes: 60, accountsMinutes: 1440 };

/** What CMP's gateway is known to allow one subscription key. */
export const defaultCallLimit: CallLimit = { perMinute: 60, perDay: 5000 };
