import { type Conditions, type CursorKey, decodeCursor, invalidInput } from '@isthmus/service-kit';
import { isUUID } from 'class-validator';

const forms = {
  text: (part: unknown) => typeof part === 'string' && !part.includes('\u0000'),
  uuid: (part: unknown) => isUUID(part),
  time: (part: unknown) =>
    typeof part === 'string' && /^\d{4}-/.test(part) && !Number.isNaN(Date.parse(part)),
  integer: (part: unknown) => Number.isInteger(part) && Math.abs(Number(part)) < 2 ** 31,
};

/**
 * The key in a cursor, whose parts must have the types of the list's order.
 * @throws Problem 400, where PostgreSQL would answer with a syntax error
 */
export function cursorKey(
  cursor: string | undefined,
  ...expected: (keyof typeof forms)[]
): CursorKey | undefined {
  const key = decodeCursor(cursor, expected.length);
  if (key?.every((part, index) => forms[expected[index] ?? 'text'](part)) === false)
    throw invalidInput([{ field: 'cursor', message: 'is not a cursor of this list' }]);
  return key;
}

/** What a list shows of what is over: nothing (the default), also that, or that alone. */
export const endedFilters = ['exclude', 'include', 'only'] as const;
export type EndedFilter = (typeof endedFilters)[number];

/** `live` is SQL that is true of what is not over. */
export function whereEnded(where: Conditions, ended: EndedFilter, live: string): void {
  if (ended === 'exclude') where.and(live);
  if (ended === 'only') where.and(`not (${live})`);
}

/** The filter of a query; a query by status wants that status, over or not. */
export const resolveEndedFilter = (query: {
  ended?: EndedFilter;
  includeGone?: boolean;
  status?: string;
}): EndedFilter => query.ended ?? (query.includeGone || query.status ? 'include' : 'exclude');
