import type { Connector, Input, Operation } from '@isthmus/sdk';

type CreateBody = Input<Operation<'post', '/v1/connectors'>>['body'];
type ChangeBody = Input<Operation<'patch', '/v1/connectors/{id}'>>['body'];

/** As typed: numbers are texts, and an empty one is none. */
export interface ConnectorValues {
  name: string;
  username: string;
  password: string;
  apiUrl: string;
  accountId: string;
  subscriptionKey: string;
  country: string;
  currency: string;
  schedule: { tickMinutes: string; sweepMinutes: string; accountsMinutes: string };
  callLimit: { perMinute: string; perDay: string };
}

export const emptyConnector: ConnectorValues = {
  name: '',
  username: '',
  password: '',
  apiUrl: '',
  accountId: '',
  subscriptionKey: '',
  country: '',
  currency: '',
  schedule: { tickMinutes: '', sweepMinutes: '', accountsMinutes: '' },
  callLimit: { perMinute: '', perDay: '' },
};

/** Secrets are not read back: left empty, they stay. */
export function valuesOf(connector: Connector): ConnectorValues {
  const { name, username, apiUrl, accountId, country, currency, schedule, callLimit } = connector;
  const text = (value: number | null): string => (value === null ? '' : String(value));
  return {
    name,
    username,
    password: '',
    apiUrl,
    accountId,
    subscriptionKey: '',
    country,
    currency,
    schedule: {
      tickMinutes: text(schedule.tickMinutes),
      sweepMinutes: text(schedule.sweepMinutes),
      accountsMinutes: text(schedule.accountsMinutes),
    },
    callLimit: { perMinute: text(callLimit.perMinute), perDay: text(callLimit.perDay) },
  };
}

const number = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text));

/** What a new connector is created with; what was left empty is the platform's to choose. */
export function bodyOf({ schedule, callLimit, ...settings }: ConnectorValues): CreateBody {
  const times = numbersIn(schedule);
  const limits = numbersIn(callLimit);
  return {
    ...settings,
    ...(Object.keys(times).length > 0 && { schedule: times }),
    ...(Object.keys(limits).length > 0 && { callLimit: limits }),
  };
}

/** What a change sends: only fields that were changed; a limit that was emptied is no limit. */
export function toChange({ schedule, callLimit, ...settings }: Partial<ConnectorValues>): ChangeBody {
  return {
    ...settings,
    ...(schedule && { schedule: numbersIn(schedule) }),
    ...(callLimit && {
      callLimit: {
        perMinute: number(callLimit.perMinute) ?? null,
        perDay: number(callLimit.perDay) ?? null,
      },
    }),
  };
}

const numbersIn = (texts: Readonly<Record<string, string>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => {
      const value = number(text);
      return value === undefined ? [] : [[name, value]];
    }),
  );
