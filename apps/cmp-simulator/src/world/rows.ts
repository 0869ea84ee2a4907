/** The requested slice of a listing. */
export interface Slice {
  offset: number;
  limit: number;
}

/** What narrows a listing: bounds on the position, positions in ascending order, a test by position, or all of them. */
interface Narrowing {
  from?: number | undefined;
  before?: number | undefined;
  among?: readonly number[] | undefined;
  passes?: ((index: number) => boolean) | undefined;
}

/**
 * One kind of record: the first `seeded` rows are made on demand by `make`, changed ones are kept, new ones appended.
 * A world of a million rows so costs only what was touched. Position grows with age of creation, listings run backwards.
 */
export class Rows<T> {
  private readonly changed = new Map<number, T>();
  private readonly added: T[] = [];
  private hidden: number[] = [];

  constructor(
    readonly seeded: number,
    private readonly firstId: number,
    private readonly make: (index: number) => T,
  ) {}

  get size(): number {
    return this.seeded + this.added.length;
  }

  idOf(index: number): string {
    return String(this.firstId + index);
  }

  /** The position behind an id, or undefined for an id that was never given out or no longer shows. */
  indexOf(id: string): number | undefined {
    const index = /^\d{1,12}$/.test(id) ? Number(id) - this.firstId : -1;
    return index >= 0 && index < this.size && !this.hidden.includes(index) ? index : undefined;
  }

  at(index: number): T {
    return this.kept(index) ?? this.make(index);
  }

  /** The row if it was changed or added, so that a test need not make the others. */
  kept(index: number): T | undefined {
    return index < this.seeded ? this.changed.get(index) : this.added[index - this.seeded];
  }

  /** The row to change in place: from now on it is kept. */
  edit(index: number): T {
    const row = this.at(index);
    if (index < this.seeded) this.changed.set(index, row);
    return row;
  }

  add(make: (index: number) => T): T {
    const row = make(this.size);
    this.added.push(row);
    return row;
  }

  hide(index: number): void {
    if (!this.hidden.includes(index)) this.hidden = [...this.hidden, index].sort((a, b) => b - a);
  }

  /** One page, newest first, with the number of rows that pass in all. */
  page(slice: Slice, narrowing: Narrowing = {}): { rows: T[]; total: number } {
    const { from = 0, before = this.size, among, passes } = narrowing;
    if (from === 0 && before >= this.size && !among && !passes) return this.plainPage(slice);
    const rows: T[] = [];
    const hidden = new Set(this.hidden);
    let total = 0;
    for (let n = (among?.length ?? before) - 1; n >= (among ? 0 : from); n--) {
      const index = among ? (among[n] as number) : n;
      if (index < from || index >= before) continue;
      if ((hidden.size > 0 && hidden.has(index)) || (passes && !passes(index))) continue;
      if (total >= slice.offset && rows.length < slice.limit) rows.push(this.at(index));
      total++;
    }
    return { rows, total };
  }

  /** The first position whose instant, growing with the position, is not before `at`. */
  firstSince(at: number, instantAt: (index: number) => number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (instantAt(middle) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private plainPage({ offset, limit }: Slice): { rows: T[]; total: number } {
    const total = this.size - this.hidden.length;
    let index = this.size - 1 - offset;
    // Newest hidden row first: each one at or above the start moves the start one row further back.
    for (const gone of this.hidden) if (gone >= index) index--;
    const rows: T[] = [];
    const hidden = new Set(this.hidden);
    for (; index >= 0 && rows.length < limit; index--) if (!hidden.has(index)) rows.push(this.at(index));
    return { rows, total };
  }
}
