import type { ReadRecord } from './records/read-record.ts';

export interface ListingOptions {
  /** Default 500, the most that CMP gives. */
  pageSize?: number;
  /** Rows of each page that are read again with the next, to see that nothing slipped between. Default 10. */
  overlap?: number;
  /** Resumes at the checkpoint of an earlier listing. */
  from?: ListingCheckpoint;
  /** Stops after this many pages, without a proof of completeness. */
  maxPages?: number;
  /** Pages fetched while the caller works on the one it has. Default 1, at most 2. */
  ahead?: 0 | 1 | 2;
}

/**
 * Reads a whole list page by page and reports whether it saw everything.
 *
 * CMP pages by offset over a list that changes meanwhile: new rows push the rest down, so rows occur twice; removed rows
 * pull the rest up, so rows are missed. Pages therefore overlap by a few rows: as long as each page contains a row of the
 * previous one, nothing lies between them. If it does not, the reader moves to where the rows must be and tries again.
 * Memory is limited to the current pages, however long the list is.
 */
export async function* readListing<T, R extends Identified = ReadRecord<T>>(
  page: (offset: number, limit: number) => Promise<ListPage<T, R>>,
  { pageSize = 500, overlap = 10, from, maxPages = Infinity, ahead = 1 }: ListingOptions = {},
): AsyncGenerator<ListingStep<T, R>, ListingProof> {
  const position = new ListingPosition(pageSize, Math.min(overlap, pageSize - 1), from);
  const pages = new PagesAhead((offset) => page(offset, pageSize));
  try {
    while (!position.done) {
      if (position.pages >= maxPages) {
        position.stop(`stopped after ${position.pages} pages`);
        break;
      }
      const response = await pages.take(position.offset);
      const records = position.accept(response);
      if (!position.done) pages.prepare(position.expected(Math.min(ahead, maxPages - position.pages)));
      if (records)
        yield { records, checkpoint: position.checkpoint(), total: response.total, done: position.done };
    }
  } finally {
    pages.drop();
  }
  return position.proof();
}

/** A record as far as a listing needs it; without an id if that cannot be read. */
interface Identified {
  id?: string;
}

/** One page of a list, as CMP returned it. */
export interface ListPage<T, R extends Identified = ReadRecord<T>> {
  records: R[];
  total: number;
  /** The values that CMP reports to have used, which may be less than requested. */
  offset: number;
  limit: number;
  correlationId?: string;
}

/** Progress of a listing: plain JSON, to be stored in the transaction of its rows. */
export interface ListingCheckpoint {
  /** Offset of the next page. */
  offset: number;
  total: number;
  totalFirst: number;
  /** The last ids read: the next page must contain one of them, otherwise rows in between are missing. */
  tailIds: string[];
  pages: number;
  rows: number;
  repeats: number;
  reasons: string[];
  done: boolean;
}

/** One page of new rows; rows already seen in the overlap are left out. */
export interface ListingStep<T, R extends Identified = ReadRecord<T>> {
  records: R[];
  checkpoint: ListingCheckpoint;
  total: number;
  done: boolean;
}

/** Whether a listing saw everything. Only a complete one may treat missing records as removed. */
export interface ListingProof {
  complete: boolean;
  /** The reasons why it is not complete. */
  reasons: string[];
  pages: number;
  /** Distinct rows handed out. */
  rows: number;
  /** Rows read again beyond the planned overlap. */
  repeats: number;
  totalFirst: number;
  totalLast: number;
}

/** Number of ids in a checkpoint: enough to find the position again after a crash, few enough to be stored with every page. */
const tailLength = 50;
/** Maximum number of moves to find the rows that should follow, before it is treated as a gap. */
const maxMoves = 3;

/** The position of a listing, and the evidence against its completeness. */
class ListingPosition {
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
  private pagesWithoutNews = 0;

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

  /** Takes a page in. Returns its new rows, or undefined when it has to be read again elsewhere. */
  accept<R extends Identified>(page: ListPage<unknown, R>): R[] | undefined {
    this.pages++;
    if (this.totalFirst < 0) this.totalFirst = page.total;
    const grown = page.total - this.total;
    this.total = page.total;
    const seen = new Set(this.last);
    const again = ({ id }: R) => id !== undefined && seen.has(id);
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
    this.addReason(reason);
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
      reasons.push(`${rows} rows arrived although the total was ${totalLast}`);
    if (rows > Math.max(totalFirst, totalLast))
      reasons.push(`${rows} rows arrived, more than the total of ${totalLast}`);
    return { complete: reasons.length === 0, reasons, pages, rows, repeats, totalFirst, totalLast };
  }

  /** No row of the page before is in this one. Moves to where they should be; false when that has been tried enough. */
  private move(grown: number, found: number): boolean {
    if (this.moved >= maxMoves) {
      this.addReason(
        `rows before offset ${this.offset} may be missing: no row of the previous page was found again`,
      );
      return false;
    }
    this.moved++;
    // New rows push the others down by as many as the total grew; otherwise search further up.
    const by = grown !== 0 && found > 0 ? grown : -Math.ceil(this.pageSize / 2);
    this.offset = Math.max(0, this.offset + by);
    return true;
  }

  /** Fewer rows than the page and the total promise. Requested again once; then it counts against the listing. */
  private short({ records, total, limit }: ListPage<unknown, Identified>): boolean {
    const promised = Math.min(limit || this.pageSize, this.pageSize, Math.max(0, total - this.offset));
    if (records.length >= promised) return (this.rereadShort = false);
    if (!this.rereadShort) return (this.rereadShort = true);
    this.rereadShort = false;
    this.addReason(
      `a page at offset ${this.offset} had ${records.length} rows, but ${promised} were promised`,
    );
    return false;
  }

  private advance({ records, total, limit }: ListPage<unknown, Identified>, fresh: number): void {
    const end = this.offset + records.length;
    const full = records.length >= Math.min(limit || this.pageSize, this.pageSize);
    this.moved = 0;
    this.pagesWithoutNews = fresh === 0 ? this.pagesWithoutNews + 1 : 0;
    // A full page may end exactly at the total; beyond it, only an unfilled page shows that the list has ended.
    this.done = records.length === 0 || end === total || (!full && end >= total);
    if (this.pagesWithoutNews >= 3 && !this.done)
      this.stop(`${this.pagesWithoutNews} consecutive pages contained nothing new`);
    this.offset = Math.max(end - this.overlap, this.offset + 1);
  }

  private addReason(reason: string): void {
    if (this.reasons.length < 20) this.reasons.push(reason);
  }
}

/** Pages requested before they are needed, by offset. */
class PagesAhead<P> {
  private readonly requested = new Map<number, Promise<P>>();

  constructor(private readonly fetch: (offset: number) => Promise<P>) {}

  prepare(offsets: number[]): void {
    for (const offset of offsets) {
      if (this.requested.has(offset)) continue;
      const page = this.fetch(offset);
      // The promise may never be awaited; a caller that awaits it still gets the rejection.
      page.catch(() => undefined);
      this.requested.set(offset, page);
    }
  }

  /** Returns the page at `offset`. If a different page was requested ahead, it is dropped. */
  take(offset: number): Promise<P> {
    const page = this.requested.get(offset);
    if (!page) {
      this.drop();
      return this.fetch(offset);
    }
    this.requested.delete(offset);
    return page;
  }

  drop(): void {
    this.requested.clear();
  }
}
