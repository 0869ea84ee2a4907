import type { Slice } from '../world/rows.ts';
import { CmpRefusal } from './errors.ts';

/** Pages are never larger; a larger `limit` is cut to this in silence. */
const maxPageSize = 500;

type Query = Record<string, unknown>;

/** A query parameter as text; undefined when it is absent or empty. Of a repeated one the first counts. */
export function textParam(query: unknown, name: string): string | undefined {
  const value = (query as Query)[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return first === undefined || first === '' ? undefined : String(first as string);
}

/** `offset` and `limit`; refuses (400) what is not a whole number in range. */
export function sliceParams(query: unknown): Slice {
  return {
    offset: wholeParam(query, 'offset', 0, 0),
    limit: Math.min(maxPageSize, wholeParam(query, 'limit', 10, 1)),
  };
}

/** One value out of a fixed set; a comma-separated list is refused (400), as by the live API. */
export function choiceParam(query: unknown, name: string, choices: readonly string[]): string | undefined {
  const value = textParam(query, name);
  if (value !== undefined && !choices.includes(value))
    throw new CmpRefusal(400, `Parameter ${name} has an invalid value: "${value}".`);
  return value;
}

/** A date or a date-time in milliseconds; refuses (400) anything else. */
export function timeParam(query: unknown, name: string): number | undefined {
  const value = textParam(query, name);
  if (value === undefined) return undefined;
  // An unescaped plus sign of an offset arrives as a space.
  const at = /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value.replace(' ', '+')) : Number.NaN;
  if (Number.isNaN(at)) throw new CmpRefusal(400, `Parameter ${name} is not a valid date: "${value}".`);
  return at;
}

function wholeParam(query: unknown, name: string, fallback: number, least: number): number {
  const value = textParam(query, name);
  if (value === undefined) return fallback;
  if (!/^-?\d+$/.test(value) || Number(value) < least)
    throw new CmpRefusal(400, `Parameter ${name} must be a whole number, at least ${least}.`);
  return Number(value);
}

/** A page as CMP returns it. */
export function listing<T>(
  slice: Slice,
  total: number,
  data: T[],
): { data: T[]; pagination: Slice & { total: number } } {
  return { data, pagination: { ...slice, total } };
}
