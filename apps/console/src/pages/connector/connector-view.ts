import type { Connector, Operation, Row } from '@isthmus/sdk';

export const connectorTabs = ['timeline', 'settings', 'verification', 'budget', 'keys'] as const;
export type ConnectorTab = (typeof connectorTabs)[number];
export const timelineKinds = ['changes', 'runs'] as const;

export type TimelineEntry = Row<Operation<'get', '/v1/connectors/{id}/timeline'>>;
export type Change = NonNullable<TimelineEntry['change']>;
export type TimelineRun = NonNullable<TimelineEntry['run']>;

/** A field that a change has set, with its value as people read it; undefined where there was none. */
export interface Difference {
  field: string;
  from: string | undefined;
  to: string | undefined;
}

/** What a change says elsewhere: the outcome of a verification is its title, who paused is its author. */
const saidElsewhere = new Set(['verified', 'failed', 'connectorId', 'paused', 'status', 'keysDestroyed']);

/**
 * The fields in which two states of a thing differ. What is in an object is a field of its own, such as `callLimit.perDay`; fields
 * of something new or removed are not differences.
 */
export function differencesOf({ before, after }: Pick<Change, 'before' | 'after'>): Difference[] {
  if (!before || !after) return [];
  const [from, to] = [flat(before), flat(after)];
  return [...new Set([...from.keys(), ...to.keys()])]
    .filter((field) => !saidElsewhere.has(field.split('.', 1)[0]!) && from.get(field) !== to.get(field))
    .map((field) => ({ field, from: from.get(field), to: to.get(field) }));
}

function flat(value: object, prefix = ''): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
    if (inner === null || inner === undefined) continue;
    if (typeof inner === 'object')
      for (const [field, text] of flat(inner, `${prefix}${name}.`)) fields.set(field, text);
    else fields.set(`${prefix}${name}`, String(inner as string | number | boolean));
  }
  return fields;
}

/** How a verification ended: the first check that failed, or undefined if all passed. */
export function failedStep({ after }: Pick<Change, 'after'>): string | undefined {
  const failed = after?.['failed'];
  const [first] = Array.isArray(failed) ? (failed as { step?: unknown }[]) : [];
  return typeof first?.step === 'string' ? first.step : undefined;
}

/** The label of the API key that a change is about. */
export const keyLabel = ({ before, after }: Pick<Change, 'before' | 'after'>): string =>
  String((after ?? before)?.['label'] ?? '');

/**
 * Where CMP shows the connector's account to people; undefined if nobody has said where that is.
 * @param template such as `https://cp.{marketplace}.{region}.example.com`
 */
export function controlPanelOf(
  { apiUrl, marketplace, accountId }: Pick<Connector, 'apiUrl' | 'marketplace' | 'accountId'>,
  template: string | null,
): string | undefined {
  if (!template) return undefined;
  const region = new URL(apiUrl).pathname.split('/').filter(Boolean).at(-1) ?? '';
  const values: Record<string, string> = { marketplace, region, accountId };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
