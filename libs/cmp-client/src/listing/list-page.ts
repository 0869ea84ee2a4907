import type { ReadRecord } from '../records/read-record.ts';

/** One page of a list, as CMP answered it. */
export interface ListPage<T> {
  records: ReadRecord<T>[];
  total: number;
  /** As CMP says it used them, which may be less than asked. */
  offset: number;
  limit: number;
  correlationId?: string;
}
