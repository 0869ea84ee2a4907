import type { Row } from './fields.ts';
import { readRecord, type ReadRecord } from './read-record.ts';
import { digestOf, likelyId, type SplitList } from './split-list.ts';

/** Tells which records are known from an earlier listing. */
export interface KnownRecords {
  /** Names the way in which records are read and stored. Part of every digest, so that another way knows none of them. */
  mapping: string;
  /**
   * For each record of a page: the caller's own id of it if the digest is that of a record which was read with this id, and which
   * need not be read again; otherwise undefined. The ids are likely, but not certain.
   */
  find(ids: readonly string[], digests: readonly string[]): Promise<readonly (string | undefined)[]>;
}

/** A record of which CMP sent the same as before, byte for byte: it was not parsed. */
export interface KnownRecord<T> {
  ok: 'known';
  id: string;
  /** The caller's own id of it. */
  key: string;
  /** Parses it nevertheless. */
  read(): ReadListed<T>;
}

/** A record that was read, with the digest of what CMP sent for it, unless the page had to be parsed as a whole. */
export type ReadListed<T> = ReadRecord<T> & { digest?: string };

export type ListedRecord<T> = ReadListed<T> | KnownRecord<T>;

/**
 * Reads the records that are not known.
 * @returns undefined if one of them is not JSON: the page has to be parsed as a whole
 */
export async function readUnknown<T extends { id: string }>(
  read: (row: Row) => T,
  { records }: SplitList,
  known: KnownRecords,
): Promise<ListedRecord<T>[] | undefined> {
  const ids = records.map(likelyId);
  const digests = records.map((text) => digestOf(known.mapping, text));
  const keys = await known.find(ids, digests);
  const listed: ListedRecord<T>[] = [];
  for (const [index, text] of records.entries()) {
    const digest = digests[index]!;
    const key = keys[index];
    if (key === undefined) {
      const raw = parsed(text);
      if (raw === undefined) return undefined;
      listed.push({ ...readRecord(read, raw), digest });
    } else {
      const again = () => ({ ...readRecord(read, JSON.parse(text) as unknown), digest });
      listed.push({ ok: 'known', id: ids[index]!, key, read: again });
    }
  }
  return listed;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
