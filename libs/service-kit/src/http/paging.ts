import { Type } from 'class-transformer';
import { isISO8601, IsInt, IsOptional, IsString, Length, Max, Min, isUUID } from 'class-validator';
import { Problem } from './problem.ts';

/** Query of every list. A list's own filters extend it. */
export class PageQuery {
  /** `nextCursor` of the page before; absent for the first. */
  @IsOptional() @IsString() @Length(1, 1024) cursor?: string;
  /** Number of rows, 1 to 200. */
  @Type(() => Number) @IsInt() @Min(1) @Max(200) limit: number = 50;
}

export interface Page<T> {
  data: T[];
  /** `null` on the last page. */
  nextCursor: string | null;
}

/** A place in a keyset: the sort values of the last row given, in sort order. */
export type CursorKey = readonly (string | number | null)[];

/**
 * The type of a key's value: a time is ISO 8601, an `integer` fits PostgreSQL's, `digits` are a number too long for JSON, as a
 * string. A key that may be `null` specifies the number of parts instead.
 */
export type CursorPart = 'uuid' | 'time' | 'number' | 'integer' | 'digits' | 'text';

export function encodeCursor(key: CursorKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * The key inside a cursor; `undefined` if there is none.
 * @param parts the number of values in the key, or the type of each: then a forged cursor is rejected here and not by the
 * database
 * @throws Problem 400 if it is not one of our cursors
 */
export function decodeCursor(
  cursor: string | undefined,
  parts: number | readonly CursorPart[],
): CursorKey | undefined {
  if (cursor === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && fits(key, parts)) return key;
  } catch (cause) {
    throw badCursor(cause);
  }
  throw badCursor();
}

const partChecks: Record<CursorPart, (part: unknown) => boolean> = {
  uuid: (part) => isUUID(part),
  time: (part) =>
    typeof part === 'string' &&
    // The validator treats a year below 100 as one of the 20th century; 2000 years later the calendar is the same.
    isISO8601(part.replace(/^00/, '20'), { strict: true }) &&
    // PostgreSQL has no year 0. Lists sort rows without a date under the year 1.
    /^(?!0000)\d{4}-\d\d-\d\d/.test(part) &&
    !Number.isNaN(Date.parse(part)),
  number: (part) => Number.isSafeInteger(part),
  integer: (part) => Number.isInteger(part) && Math.abs(Number(part)) < 2 ** 31,
  digits: (part) => typeof part === 'string' && /^\d{1,18}$/.test(part),
  text: (part) => typeof part === 'string',
};

function fits(key: unknown[], parts: number | readonly CursorPart[]): key is (string | number | null)[] {
  if (!key.every(isKeyPart)) return false;
  if (typeof parts === 'number') return key.length === parts;
  return key.length === parts.length && parts.every((kind, at) => partChecks[kind](key[at]));
}

/** NUL is not part of any string that PostgreSQL stores, and it would break the connection's protocol. */
function isKeyPart(part: unknown): part is string | number | null {
  return part === null || typeof part === 'number' || (typeof part === 'string' && !part.includes('\0'));
}

function badCursor(cause?: unknown): Problem {
  return new Problem(
    {
      status: 400,
      type: 'bad-cursor',
      title: 'The cursor cannot be read',
      nextStep: 'Start again without cursor, then pass nextCursor back unchanged.',
      errors: [{ field: 'cursor', message: 'is not a cursor of this list' }],
    },
    { cause },
  );
}

/**
 * A page out of `limit + 1` rows read: the extra row only proves that there is a next page.
 * @param key the sort values of a row
 */
export function toPage<R, T>(
  rows: readonly R[],
  limit: number,
  key: (row: R) => CursorKey,
  show: (row: R) => T,
): Page<T> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { data: kept.map(show), nextCursor: more ? encodeCursor(key(last)) : null };
}

/** A page whose rows are already cut; `nextKey` is the last row's key when more follow. */
export function page<T>(data: T[], nextKey?: CursorKey): Page<T> {
  return { data, nextCursor: nextKey ? encodeCursor(nextKey) : null };
}
