import type { ReadRecord } from '../records/read-record.ts';
import type { ListPage } from './list-page.ts';
import type { ListingCheckpoint, ListingProof } from './listing-proof.ts';

/** Ids kept in a checkpoint: enough to find the place again after a crash, few enough to be stored with every page. */
const tailLength = 50;
/** How often the reading moves to find the rows that should follow, before it calls that a gap. */
const moves = 3;

/** Where a listing is read, and what speaks against it having seen everything. */
export class ListingPosition {
  offset = 0;
  pages = 0;
  done = false;
  private total = 0;
  private totalFirst = -1;
  private rows = 0;
  private repeats = 0;
  private reasons: string[] = [];
  /** Ids of the last two pages in their order, the lowest rows last. */
  private last: string[] = [];
  private moved = 0;
  private rereadShort = false;
  private barren = 0;

  constructor(
    private readonly pageSize: number,
    private readonly overlap: number,
    from?: ListingCheckpoint,
  ) {
    if (!from) return;
    const { offset, total, totalFirst, tailIds, pages, rows, repeats, reasons, done } = from;
    Object.assign(this, {
      offset,
      total,
      totalFirst,
      pages,
      rows,
      repeats,
      done,
      reasons: [...reasons],
      last: [...tailIds],
    });
  }

  /** Takes a page in. Answers its new rows, or undefined when it has to be read again elsewhere. */
  accept<T>(page: ListPage<T>): ReadRecord<T>[] | undefined {
    this.pages++;
    if (this.totalFirst < 0) this.totalFirst = page.total;
    const grown = page.total - this.total;
    this.total = page.total;
    const seen = new Set(this.last);
    const again = ({ id }: ReadRecord<T>) => id !== undefined && seen.has(id);
    const known = page.records.filter(again).length;

    if (this.last.length > 0 && known === 0 && this.move(grown, page.records.length)) return undefined;
    if (this.short(page)) return undefined;

    const records = page.records.filter((record) => !again(record));
    // Rows above the first known one were read some pages ago, if no row can come in the middle. Handed out again,
    // in case one can, but not counted.
    const above = Math.max(0, page.records.findIndex(again));
    this.repeats += Math.max(0, known - this.overlap) + above;
    this.rows += records.length - above;
    this.last = [...this.last, ...records.slice(above).flatMap(({ id }) => id ?? [])].slice(
      -2 * this.pageSize,
    );
    this.advance(page, records.length - above);
    return records;
  }

  /** The offsets that come next if nothing changes. */
  expected(count: number): number[] {
    const step = this.pageSize - this.overlap;
    return Array.from({ length: count }, (_, i) => this.offset + i * step).filter(
      (offset) => offset < this.total,
    );
  }

  stop(reason: string): void {
    this.note(reason);
    this.done = true;
  }

  checkpoint(): ListingCheckpoint {
    const { offset, total, totalFirst, pages, rows, repeats, reasons, done, last } = this;
    return {
      offset,
      total,
      totalFirst,
      tailIds: last.slice(-tailLength),
      pages,
      rows,
      repeats,
      reasons: [...reasons],
      done,
    };
  }

  proof(): ListingProof {
    const { pages, rows, repeats, total: totalLast } = this;
    const totalFirst = Math.max(0, this.totalFirst);
    const reasons = [...this.reasons];
    if (rows < Math.min(totalFirst, totalLast))
      reasons.push(`${rows} rows came although the total was ${totalLast}`);
    if (rows > Math.max(totalFirst, totalLast))
      reasons.push(`${rows} rows came, more than the total of ${totalLast}`);
    return { complete: reasons.length === 0, reasons, pages, rows, repeats, totalFirst, totalLast };
  }

  /** No row of the page before is in this one. Moves to where they should be; false when that has been tried enough. */
  private move(grown: number, found: number): boolean {
    if (this.moved >= moves) {
      this.note(
        `rows before offset ${this.offset} may be missing: no row of the page before was found again`,
      );
      return false;
    }
    this.moved++;
    // New rows push the others down by as many as the total grew; without a hint, look further up.
    const by = grown !== 0 && found > 0 ? grown : -Math.ceil(this.pageSize / 2);
    this.offset = Math.max(0, this.offset + by);
    return true;
  }

  /** Fewer rows than the page and the total promise. Asks once more; then it counts against the listing. */
  private short<T>({ records, total, limit }: ListPage<T>): boolean {
    const promised = Math.min(limit || this.pageSize, this.pageSize, Math.max(0, total - this.offset));
    if (records.length >= promised) return (this.rereadShort = false);
    if (!this.rereadShort) return (this.rereadShort = true);
    this.rereadShort = false;
    this.note(`a page at offset ${this.offset} had ${records.length} rows where ${promised} were promised`);
    return false;
  }

  private advance<T>({ records, total, limit }: ListPage<T>, fresh: number): void {
    const end = this.offset + records.length;
    const full = records.length >= Math.min(limit || this.pageSize, this.pageSize);
    this.moved = 0;
    this.barren = fresh === 0 ? this.barren + 1 : 0;
    // A full page may end exactly at the total; beyond it, only an unfilled page shows that the list has ended.
    this.done = records.length === 0 || end === total || (!full && end >= total);
    if (this.barren >= 3 && !this.done) this.stop(`${this.barren} pages in a row brought nothing new`);
    this.offset = Math.max(end - this.overlap, this.offset + 1);
  }

  private note(reason: string): void {
    if (this.reasons.length < 20) this.reasons.push(reason);
  }
}
