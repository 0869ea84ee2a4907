/**
 * What a filter may say: `*` for every event, `<service>.*` for all that a service says, or one event type in full. A filter
 * of a whole service takes in what that service will say one day.
 */
export function filtersThatMatch(type: string): string[] {
  return ['*', `${serviceOf(type)}.*`, type];
}

/** Those filters that can match none of the event types there are. */
export function unknownFilters(filters: readonly string[], types: readonly string[]): string[] {
  const known = new Set(types.flatMap(filtersThatMatch));
  return filters.filter((filter) => !known.has(filter));
}

const serviceOf = (type: string): string => type.slice(0, type.indexOf('.'));
