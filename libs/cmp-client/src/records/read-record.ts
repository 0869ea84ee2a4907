import { FieldProblem, optionalId, type Row } from './fields.ts';

/** A record of a list: read, or not readable with the reason. One bad record never stops the others. */
export type ReadRecord<T> =
  | { ok: true; id: string; value: T; raw: unknown }
  | { ok: false; id?: string; raw: unknown; field: string; reason: string };

export function readRecord<T extends { id: string }>(read: (row: Row) => T, raw: unknown): ReadRecord<T> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return { ok: false, raw, field: '', reason: 'expected an object' };
  }
  try {
    const value = read(raw as Row);
    return { ok: true, id: value.id, value, raw };
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    return { ok: false, id: knownId(raw as Row), raw, field: error.field, reason: error.reason };
  }
}

/** An id that cannot be read tells nobody which record it was. */
function knownId(row: Row): string | undefined {
  try {
    return optionalId(row, 'id', 255);
  } catch {
    return undefined;
  }
}
