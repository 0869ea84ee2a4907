import { decodeCursor, invalidInput, type CursorKey } from '@isthmus/service-kit';
import { isUUID } from 'class-validator';

const forms = {
  text: (part: unknown) => typeof part === 'string' && !part.includes('\u0000'),
  uuid: (part: unknown) => isUUID(part),
  time: (part: unknown) =>
    typeof part === 'string' && /^\d{4}-/.test(part) && !Number.isNaN(Date.parse(part)),
  integer: (part: unknown) => Number.isInteger(part) && Math.abs(Number(part)) < 2 ** 31,
};

/**
 * The place a cursor names, its parts in the forms the list's order has.
 * @throws Problem 400; PostgreSQL would refuse such a part less politely
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
