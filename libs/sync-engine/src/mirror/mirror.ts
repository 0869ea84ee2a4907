import type { FieldChangeV1 } from '@isthmus/contracts';
import type { NewEvent } from '@isthmus/messaging';
import type { PoolClient } from 'pg';

/** Values travel to SQL as text and are cast there, so that what is hashed, compared and stored is one thing. */
export type MirrorValue = string | null;

/** Whose mirror it is. */
export interface MirrorOwner {
  tenantId: string;
  connectorId: string;
}

export interface MirrorColumn<T> {
  name: string;
  /** PostgreSQL type the text is cast to. */
  type: 'text' | 'uuid' | 'boolean' | 'date' | 'timestamptz' | 'integer' | 'numeric' | 'json';
  of: (value: T, owner: MirrorOwner) => MirrorValue;
  /** The name events and records give it; without one, a change of it alone is stored but not told. */
  told?: string;
  /**
   * What differs between two stored texts, where one value before and after would say too little; the names begin with `told`.
   * Nothing when both say the same in other words: that is stored but not told.
   */
  differences?: (from: MirrorValue, to: MirrorValue) => FieldChangeV1[];
}

/** A record that is listed again after it was missing has appeared. */
export type ChangeKind = 'appeared' | 'changed' | 'ended';

export interface MirrorChange<T> {
  kind: ChangeKind;
  id: string;
  version: number;
  value: T;
  changed: string[];
  /** The same with the values before and after; empty of one that appeared. */
  changes: FieldChangeV1[];
  /** Columns named in `Mirror.returning`, as stored after the write. */
  stored: Record<string, unknown>;
}

/** How one kind of CMP record is kept: table, columns, identity, and what is said when it changes. */
export interface Mirror<T> {
  kind: string;
  table: string;
  /** Column of the hash over `columns`; two mirrors of one table (row and detail) have one each. Default `hash`. */
  hashColumn?: string;
  columns: readonly MirrorColumn<T>[];
  cmpIdOf: (value: T) => string;
  cmpAccountIdOf?: (value: T) => string | undefined;
  /** Whether the record, by its own word, is still alive. A live one that stops being so counts as ended. */
  isLive: (value: T) => boolean;
  /** The same in SQL over the alias `m`, for those that a listing no longer has. */
  liveSql: string;
  /**
   * Of a table with the column `announced_version`: SQL over the given alias that is true of rows which may be announced as they are.
   * Until then a row is kept but nothing is said of it. Two mirrors of one table may differ: the list knows too little of a live record.
   */
  announceSql?: (alias: string) => string;
  /** Of a live record a later phase of the run reads more: a plan leaves it to that phase to say what would change. */
  detailFollows?: boolean;
  /** Columns that SQL derives from the incoming row `u`, e.g. a mark that the detail must be read. */
  derived?: Readonly<Record<string, string>>;
  returning?: readonly string[];
  event: (change: MirrorChange<T>, origin: ChangeOrigin) => NewEvent;
  /** For a live record that a complete listing no longer has: `row` holds the table's columns. */
  noLongerListed: (row: Record<string, unknown>, origin: ChangeOrigin) => NewEvent;
  /** Further assignments in SQL when that is noted, e.g. the reason. */
  noLongerListedSql?: string;
  /** What else follows in the same transaction from records really written, e.g. a history; answers further events. */
  alongside?: (
    client: PoolClient,
    changes: readonly MirrorChange<T>[],
    origin: ChangeOrigin,
  ) => Promise<NewEvent[]>;
  /** The same for records no longer listed, by our ids. */
  alongsideNoLongerListed?: (
    client: PoolClient,
    ids: readonly string[],
    origin: ChangeOrigin,
  ) => Promise<void>;
}

export interface ChangeOrigin extends MirrorOwner {
  /** When CMP's answer was received, ISO 8601 UTC. */
  asOf: string;
}
