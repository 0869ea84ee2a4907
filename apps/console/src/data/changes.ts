export interface Change {
  field: string;
  from: unknown;
  to: unknown;
}

/** `account-sync.provider-account-linked.v1` is called `provider-account-linked` here. */
export const eventName = (type: string): string => type.replace(/^[\w-]+\./, '').replace(/\.v\d+$/, '');

/** The changes that an event names. */
export function changesIn({ changes }: Record<string, unknown>): Change[] {
  if (!Array.isArray(changes)) return [];
  return (changes as Partial<Change>[]).flatMap(({ field, from, to }) =>
    typeof field === 'string' ? [{ field, from, to }] : [],
  );
}

/** The fields that an entry of the audit log says are other than before; those of something new, all that have a value. */
export function differencesIn(
  before: Record<string, unknown> | null,
  after: Record<string, unknown> | null,
): Change[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields]
    .map((field) => ({ field, from: before?.[field], to: after?.[field] }))
    .filter(({ from, to }) => valueText(from) !== valueText(to));
}

/** A value in a line of text; empty where there is none. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
}
