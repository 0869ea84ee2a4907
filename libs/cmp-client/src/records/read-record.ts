import { FieldProblem, type Row } from './fields.ts';

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
    const { id } = raw as Row;
    const known = typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
    return { ok: false, id: known, raw, field: error.field, reason: error.reason };
  }
}
