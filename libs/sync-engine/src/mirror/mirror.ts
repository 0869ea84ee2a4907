import { hash } from 'node:crypto';
import type { FieldChangeV1 } from '@isthmus/contracts';
import type { NewEvent } from '@isthmus/messaging';
import type { PoolClient } from 'pg';
import { prepared, type Statement } from '../database.ts';

/** Values are sent to SQL as strings and cast there, so that the same value is hashed, compared and stored. */
export type MirrorValue = string | null;

/** The owner of a mirror. */
export interface MirrorOwner {
  tenantId: string;
  connectorId: string;
}

export interface MirrorColumn<T> {
  name: string;
  /** The PostgreSQL type to which the string is cast. */
  type: 'text' | 'uuid' | 'boolean' | 'date' | 'timestamptz' | 'integer' | 'numeric' | 'json';
  of: (value: T, owner: MirrorOwner) => MirrorValue;
  /** Its name in events and records; without one, a change of this column alone is stored but not published. */
  publishedAs?: string;
  /**
   * The differences between two stored strings, if a single value before and after would not be informative; their names begin
   * with `publishedAs`. Empty if both strings mean the same: such a change is stored but not published.
   */
  differences?: (from: MirrorValue, to: MirrorValue) => FieldChangeV1[];
}

/** A record that is listed again after it was missing counts as appeared. */
export type ChangeKind = 'appeared' | 'changed' | 'ended';

export interface MirrorChange<T> {
  kind: ChangeKind;
  id: string;
  version: number;
  value: T;
  changed: string[];
  /** The changed fields with their values before and after; empty for a record that appeared. */
  changes: FieldChangeV1[];
  /** The columns named in `Mirror.returning`, as stored after the write. */
  stored: Record<string, unknown>;
}

/** Definition of a mirror for one kind of CMP record: table, columns, identity, and the events that its changes publish. */
export interface Mirror<T> {
  kind: string;
  table: string;
  /** The column with the hash over `columns`, `hash` by default; two mirrors of one table (row and detail) have one each. */
  hashColumn?: string;
  columns: readonly MirrorColumn<T>[];
  /**
   * The version of how records are read from CMP's JSON and turned into `columns`: increase it whenever that changes. With it, a
   * listing reads only records of which CMP sends something else than last time; the table has the columns `listed_digest` and
   * `listed_hash` for that. Left out, it reads all of them.
   */
  mapping?: number;
  cmpIdOf: (value: T) => string;
  cmpAccountIdOf?: (value: T) => string | undefined;
  /** The column of the customer that it belongs to: a live record that now shows another one has moved. Without it, moves are not counted. */
  customerColumn?: string;
  /** Whether the record is live, by its own status. A record that stops being live counts as ended. */
  isLive: (value: T) => boolean;
  /** Equivalent of `isLive` in SQL over the alias `m`, for records that a listing no longer contains. */
  liveSql: string;
  /**
   * For a table with the column `announced_version`: SQL over the given alias that is true for rows whose first event may be
   * published. Until then a row is stored without an event. Two mirrors of one table may differ: the list contains too little
   * about a live record.
   */
  announceSql?: (alias: string) => string;
  /** A later phase of the run reads more of a live record: a plan leaves it to that phase to show what would change. */
  detailFollows?: boolean;
  /** Columns that SQL derives from the incoming row `u`, e.g. a mark that the detail has to be read. */
  derived?: Readonly<Record<string, string>>;
  returning?: readonly string[];
  event: (change: MirrorChange<T>, origin: ChangeOrigin) => NewEvent;
  /** For a live record that is missing from a complete listing: `row` contains the table's columns. */
  noLongerListed: (row: Record<string, unknown>, origin: ChangeOrigin) => NewEvent;
  /** Further assignments in SQL for such a record, e.g. the reason. */
  noLongerListedSql?: string;
  /** Further effects, in the same transaction, of the records that were actually written, e.g. a history; returns further events. */
  afterWrite?: (
    client: PoolClient,
    changes: readonly MirrorChange<T>[],
    origin: ChangeOrigin,
  ) => Promise<NewEvent[]>;
  /** Like `afterWrite`, for records no longer listed, by our ids. */
  afterNoLongerListed?: (client: PoolClient, ids: readonly string[], origin: ChangeOrigin) => Promise<void>;
}

export interface ChangeOrigin extends MirrorOwner {
  /** When CMP was read, ISO 8601 UTC. */
  asOf: string;
}

/** One CMP record as the mirror compares and stores it. */
export interface MirrorRow<T> {
  id: string;
  cmpId: string;
  /** MD5 over all columns, printed as 32 hex digits: PostgreSQL stores it as a uuid. */
  hash: string;
  values: MirrorValue[];
  value: T;
  /** The digest of what CMP sent for it, if it was listed in a form that can be recognised. */
  digest?: string;
}

const columnEnd = '\u001f';
const absent = '\u0000';

export function mirrorRow<T>(mirror: Mirror<T>, owner: MirrorOwner, value: T, digest?: string): MirrorRow<T> {
  const values = mirror.columns.map((column) => column.of(value, owner));
  const cmpId = mirror.cmpIdOf(value);
  return {
    id: mirrorId(owner, mirror.kind, cmpId),
    cmpId,
    hash: hash('md5', values.map((item) => item ?? absent).join(columnEnd), 'hex'),
    values,
    value,
    digest,
  };
}

/** CMP numbers its records; with leading zeros, one number would have several ids. */
const numbered = /^[1-9]\d{0,14}$/;

/** Prefixes by kind, for each owner in use: a listing needs the same owner's ids a hundred thousand times. */
const prefixes = new WeakMap<MirrorOwner, Map<string, string>>();

/**
 * Our id of a CMP record: a UUID derived from tenant, connector, kind and CMP id. The same record has the same id after the
 * mirror is rebuilt, and a batch finds its rows by one key without a look-up. For a numbered record it consists of 60 bits of a hash
 * of tenant, connector and kind, followed by the number, so that the rows of a page are adjacent in the primary key.
 */
export function mirrorId(owner: MirrorOwner, kind: string, cmpId: string): string {
  if (!numbered.test(cmpId)) return toUuid(hash('sha1', `${ownerName(owner, kind)}/${cmpId}`, 'hex'));
  const low = Number(cmpId).toString(16).padStart(15, '0');
  return `${idPrefix(owner, kind)}-8${low.slice(0, 3)}-${low.slice(3)}`;
}

const ownerName = ({ tenantId, connectorId }: MirrorOwner, kind: string): string =>
  `${tenantId}/${connectorId}/${kind}`;

function idPrefix(owner: MirrorOwner, kind: string): string {
  let known = prefixes.get(owner);
  if (!known) prefixes.set(owner, (known = new Map()));
  let prefix = known.get(kind);
  if (!prefix) known.set(kind, (prefix = toUuid(hash('sha1', ownerName(owner, kind), 'hex')).slice(0, 18)));
  return prefix;
}

/** RFC 9562, version 8: 122 bits of our own. */
function toUuid(hex: string): string {
  const variant = ((parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The statements of one mirror, built once from its columns. */
export interface MirrorStatements {
  /**
   * $1 ids uuid[], $2 hashes uuid[] → the rows that are new, changed or were removed; `before` is null for new ones, otherwise
   * the stored values.
   */
  differing: Statement;
  /**
   * $1 tenant, $2 connector, $3 read at, $4 ids, $5 hashes, $6… one array per column, for a mirror with a `mapping` the digests → the rows
   * actually written. `announced_version` equals
   * `version` if this very write may announce the row, and is null while it may not be announced.
   */
  upsert: Statement;
}

const statements = new WeakMap<object, MirrorStatements>();

export function mirrorStatements<T>(mirror: Mirror<T>): MirrorStatements {
  let sql = statements.get(mirror);
  if (!sql) statements.set(mirror, (sql = makeStatements(mirror)));
  return sql;
}

function makeStatements<T>(mirror: Mirror<T>): MirrorStatements {
  const own = mirror.hashColumn ?? 'hash';
  const names = mirror.columns.map((column) => column.name);
  const derived = Object.entries(mirror.derived ?? {});
  const digests = mirror.mapping === undefined ? [] : ['listed_digest'];
  const params = [...mirror.columns.map(({ type }) => type), ...digests.map(() => 'uuid')].map(
    (type, index) => `$${index + 6}::${type}[]`,
  );
  const incoming = [
    ...[...names, ...digests].map((name) => `u.${name}`),
    ...digests.map(() => 'case when u.listed_digest is not null then u.row_hash end'),
    ...derived.map(([, sql]) => sql),
  ];
  const written = [
    ...names,
    ...digests.flatMap((name) => [name, 'listed_hash']),
    ...derived.map(([name]) => name),
  ];
  const announced = mirror.announceSql && {
    onInsert: `case when ${mirror.announceSql('u')} then 1 end`,
    onUpdate: `coalesce(m.announced_version, case when ${mirror.announceSql('excluded')} then m.version + 1 end)`,
  };
  const returned = [...(mirror.returning ?? []), ...(announced ? ['announced_version'] : [])];
  return {
    // Lateral with a limit: a plain join was planned while the table was small, and then scanned the whole table for every page.
    differing: prepared(`
      select p.id, case when m.id is not null then
               array[${mirror.columns.map((column) => asText(column.name, column.type)).join(', ')}] end as before,
             m.gone_at is not null as gone, ${announced ? 'm.announced_version is not null' : 'true'} as announced,
             m.version, ${mirror.liveSql} as live
      from unnest($1::uuid[], $2::uuid[]) as p(id, hash)
      left join lateral (select * from ${mirror.table} stored where stored.id = p.id limit 1) m on true
      where m.id is null or m.${own} is distinct from p.hash or m.gone_at is not null`),
    upsert: prepared(`
      insert into ${mirror.table} as m (id, tenant_id, connector_id, read_at, ${own}, ${[...written, ...(announced ? ['announced_version'] : [])].join(', ')})
      select u.id, $1, $2, $3, u.row_hash, ${[...incoming, ...(announced ? [announced.onInsert] : [])].join(', ')}
      from unnest($4::uuid[], $5::uuid[], ${params.join(', ')}) as u(id, row_hash, ${[...names, ...digests].join(', ')})
      on conflict (id) do update set ${[...written, own, 'read_at'].map((name) => `${name} = excluded.${name}`).join(', ')},
        version = m.version + 1, gone_at = null${announced ? `, announced_version = ${announced.onUpdate}` : ''}
      where m.read_at <= excluded.read_at and (m.${own} is distinct from excluded.${own} or m.gone_at is not null)
      returning m.id, m.version${returned.map((name) => `, m.${name}`).join('')}`),
  };
}

const asText = (name: string, type: string): string =>
  type === 'timestamptz'
    ? `to_char(m.${name} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
    : `m.${name}::text`;
