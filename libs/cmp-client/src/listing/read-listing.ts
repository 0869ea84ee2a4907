import { ListingPosition } from './listing-position.ts';
import type { ListingCheckpoint, ListingProof, ListingStep } from './listing-proof.ts';
import type { ListPage } from './list-page.ts';
import { PagesAhead } from './pages-ahead.ts';

export interface ListingOptions {
  /** Default 500, the most that CMP gives. */
  pageSize?: number;
  /** Rows of each page that are read again with the next, to see that nothing slipped between. Default 10. */
  overlap?: number;
  /** Where an earlier reading stopped. */
  from?: ListingCheckpoint;
  /** Stops after so many pages, without a complete proof. */
  maxPages?: number;
  /** Pages fetched while the caller works on the one it has. Default 1, at most 2. */
  ahead?: 0 | 1 | 2;
}

/**
 * Reads a whole list page by page and says whether it saw everything.
 *
 * CMP pages by offset over a list that changes meanwhile: new rows push the rest down, so that rows come twice; rows
 * that go pull the rest up, so that rows are missed. Pages therefore overlap by a few rows: as long as each page holds
 * a row of the one before, nothing lies between them. When it does not, the reading moves to where the rows must be
 * and tries again. Memory is that of the pages at hand, however long the list is.
 */
export async function* readListing<T>(
  page: (offset: number, limit: number) => Promise<ListPage<T>>,
  { pageSize = 500, overlap = 10, from, maxPages = Infinity, ahead = 1 }: ListingOptions = {},
): AsyncGenerator<ListingStep<T>, ListingProof> {
  const position = new ListingPosition(pageSize, Math.min(overlap, pageSize - 1), from);
  const pages = new PagesAhead((offset) => page(offset, pageSize));
  try {
    while (!position.done) {
      if (position.pages >= maxPages) {
        position.stop(`stopped after ${position.pages} pages`);
        break;
      }
      const answer = await pages.take(position.offset);
      const records = position.accept(answer);
      if (!position.done) pages.prepare(position.expected(Math.min(ahead, maxPages - position.pages)));
      if (records)
        yield { records, checkpoint: position.checkpoint(), total: answer.total, done: position.done };
    }
  } finally {
    pages.drop();
  }
  return position.proof();
}
