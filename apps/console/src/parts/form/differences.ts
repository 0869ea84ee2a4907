export interface Difference {
  name: string;
  label: string;
  theirs: string;
  mine: string;
}

/** The fields whose values differ, in the order of the labels. What was not filled in, such as a password that stays, is no difference. */
export function differences(
  labels: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, unknown>>,
  mine: Readonly<Record<string, unknown>>,
): Difference[] {
  return Object.entries(labels).flatMap(([name, label]) => {
    const [saved, typed] = [asText(theirs[name]), asText(mine[name])];
    return saved === typed || (mine[name] === '' && theirs[name] === undefined)
      ? []
      : [{ name, label, theirs: saved, mine: typed }];
  });
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
}

/** The fields that are other than they were: what a PATCH sends. Null where a field was emptied. */
export function changedFields<V extends Record<string, unknown>>(before: V, after: V): Partial<V> {
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) => asText(value) !== asText(before[name])),
  ) as Partial<V>;
}
