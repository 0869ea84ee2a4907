import type { Money } from '@isthmus/domain';
import { entriesOf, entryOf, FieldProblem, optionalId, optionalMoney, type Row } from './fields.ts';

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

/** The id, for the report of a record that cannot be read; undefined when the id is what cannot be read. */
function knownId(row: Row): string | undefined {
  try {
    return optionalId(row, 'id', 255);
  } catch {
    return undefined;
  }
}

/** Fields that could not be read, of a record that is useful without them. */
export interface UnreadField {
  field: string;
  reason: string;
  /** Only an amount of money. */
  sum: boolean;
}

/** Reads as much of a record as possible, and lists the unreadable fields in `unread`. */
export class LenientReading {
  readonly unread: UnreadField[] = [];

  /** A field that is essential; undefined, and recorded, if it cannot be read. */
  fact = <T>(read: () => T): T | undefined => this.attempt(read, false);

  /** An amount of money; the same. */
  sum = (row: Row, field: string): Money | undefined => this.attempt(() => optionalMoney(row, field), true);

  /** Reads a list of objects, leaving out those that cannot be read. */
  list<T>(row: Row, field: string, read: (row: Row, reading: LenientReading) => T, sum = false): T[] {
    const entries = this.attempt(() => entriesOf(row, field), sum) ?? [];
    return entries.flatMap((entry, index) => {
      const path = `${field}.${index}`;
      const inner = new LenientReading();
      const value = this.attempt(() => entryOf(path, entry, (it) => read(it, inner)), sum);
      this.unread.push(...inner.unread.map((it) => ({ ...it, field: `${path}.${it.field}` })));
      return value === undefined ? [] : [value];
    });
  }

  /** Requires all fields except amounts. @throws FieldProblem for the first other field that could not be read */
  requireFacts(): void {
    const problem = this.unread.find(({ sum }) => !sum);
    if (problem) throw new FieldProblem(problem.field, problem.reason);
  }

  private attempt<T>(read: () => T, sum: boolean): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FieldProblem)) throw error;
      this.unread.push({ field: error.field, reason: error.reason, sum });
      return undefined;
    }
  }
}
