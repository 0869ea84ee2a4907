import type { ReadRecord } from '../records/read-record.ts';

/** Where a listing stands: plain JSON, to be stored in the transaction of the rows it follows. */
export interface ListingCheckpoint {
  /** Where the next page starts. */
  offset: number;
  total: number;
  totalFirst: number;
  /** The last ids read: the next page must hold one of them, or something lies between. */
  tailIds: string[];
  pages: number;
  rows: number;
  repeats: number;
  reasons: string[];
  done: boolean;
}

/** One page of new rows; those seen in the overlap are gone. */
export interface ListingStep<T> {
  records: ReadRecord<T>[];
  checkpoint: ListingCheckpoint;
  total: number;
  done: boolean;
}

/** Whether a listing saw everything. Only a complete one may infer that something is gone. */
export interface ListingProof {
  complete: boolean;
  /** Why it is not complete, in words. */
  reasons: string[];
  pages: number;
  /** Distinct rows handed out. */
  rows: number;
  /** Rows read again beyond the planned overlap. */
  repeats: number;
  totalFirst: number;
  totalLast: number;
}
