/** Reads one value of the address; undefined when it is not there or makes no sense. */
type Reader<T> = (raw: unknown) => T | undefined;

/** What is in the address after `?`: filters, tab, open drawer. Anything can be typed there, so anything else is dropped. */
export const addressed =
  <R extends Record<string, Reader<unknown>>>(readers: R) =>
  (raw: Record<string, unknown>): { [K in keyof R]?: Exclude<ReturnType<R[K]>, undefined> } => {
    const read = Object.entries(readers).map(([name, reader]) => [name, reader(raw[name])] as const);
    return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as never;
  };

export const text: Reader<string> = (raw) =>
  typeof raw === 'string' && raw !== '' ? raw : typeof raw === 'number' ? String(raw) : undefined;

export const oneOf =
  <const T extends string>(...values: readonly T[]): Reader<T> =>
  (raw) =>
    values.find((value) => value === raw);

export const yesNo: Reader<boolean> = (raw) =>
  raw === true || raw === 'true' ? true : raw === false || raw === 'false' ? false : undefined;

export const wholeNumber: Reader<number> = (raw) => {
  const value = typeof raw === 'string' && raw !== '' ? Number(raw) : raw;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
};

/** A day, as `2026-11-27`. */
export const day: Reader<string> = (raw) =>
  typeof raw === 'string' && /^\d{4}-\d\d-\d\d$/.test(raw) && !Number.isNaN(Date.parse(raw))
    ? raw
    : undefined;

/** Plain `?status=failed&status=held`: addresses are typed, mailed and read by people. */
export function readAddress(searchText: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(searchText)) {
    const before = found[name];
    found[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return found;
}

export function writeAddress(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search))
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      if (one !== undefined && one !== null && one !== '') params.append(name, String(one));
  const written = params.toString();
  return written ? `?${written}` : '';
}
