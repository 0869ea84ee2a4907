import type { TermOfFrequencyV1 } from '@isthmus/contracts';
import { defaultCallLimit, defaultSchedule, type ConnectorSettings } from '../domain/connector-settings.ts';
import type { Connector } from '../domain/connector.entity.ts';
import { acceptedApiUrl } from './accepted-api-url.ts';
import type { ChangeConnector } from './change-connector.dto.ts';
import type { CreateConnector } from './create-connector.dto.ts';
import type { TermOfFrequencySettings } from './connector-settings.dto.ts';

/** @throws Problem 400 for an address that must not be used */
export function newSettings(body: CreateConnector, allowPrivate: boolean): ConnectorSettings {
  const { password: _, subscriptionKey: __, marketplace = null, ...settings } = body;
  return {
    ...settings,
    marketplace,
    apiUrl: acceptedApiUrl(body.apiUrl, allowPrivate),
    schedule: { ...defaultSchedule, ...body.schedule },
    callLimit: { ...defaultCallLimit, ...body.callLimit },
    fieldNames: body.fieldNames ?? 'camelCase',
    termOfFrequency: termsOf({}, body.termOfFrequency),
  };
}

/**
 * Only what the body names, with the parts of schedule and limit it leaves out as they are.
 * @throws Problem 400 for an address that must not be used
 */
export function changedSettings(
  body: ChangeConnector,
  connector: Connector,
  allowPrivate: boolean,
): Partial<ConnectorSettings> {
  const {
    password: _,
    subscriptionKey: __,
    apiUrl,
    schedule,
    callLimit,
    termOfFrequency,
    ...settings
  } = body;
  return {
    ...settings,
    ...(apiUrl !== undefined && { apiUrl: acceptedApiUrl(apiUrl, allowPrivate) }),
    ...(schedule && { schedule: { ...connector.schedule, ...schedule } }),
    ...(callLimit && { callLimit: { ...connector.callLimit, ...callLimit } }),
    ...(termOfFrequency && { termOfFrequency: termsOf(connector.termOfFrequency, termOfFrequency) }),
  };
}

/** Only terms that are set are kept. */
function termsOf(before: TermOfFrequencyV1, given: TermOfFrequencySettings = {}): TermOfFrequencyV1 {
  const terms: TermOfFrequencyV1 = {};
  for (const frequency of ['monthly', 'annual', 'triennial'] as const) {
    const term = given[frequency] === undefined ? before[frequency] : given[frequency];
    if (term) terms[frequency] = term;
  }
  return terms;
}
