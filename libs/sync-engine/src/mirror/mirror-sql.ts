import { hash } from 'node:crypto';
import type { Mirror } from './mirror.ts';

/** Prepared once per connection: planning one of these costs as much as running it over a page. */
export interface Statement {
  name: string;
  text: string;
}

/** The statements of one mirror, written once from its columns. */
export interface MirrorSql {
  /** $1 ids uuid[], $2 hashes uuid[] → the rows that are new, differ or were gone; `before` is null of new ones, else what is stored now. */
  differing: Statement;
  /**
   * $1 tenant, $2 connector, $3 read at, $4 ids, $5 hashes, $6… one array per column → rows really written. `announced_version` equals
   * `version` when this very write may announce the row, and is null while nothing may be said of it.
   */
  upsert: Statement;
}

export function mirrorSql<T>(mirror: Mirror<T>): MirrorSql {
  const own = mirror.hashColumn ?? 'hash';
  const names = mirror.columns.map((column) => column.name);
  const derived = Object.entries(mirror.derived ?? {});
  const params = mirror.columns.map((column, index) => `$${index + 6}::${column.type}[]`);
  const incoming = [...names.map((name) => `u.${name}`), ...derived.map(([, sql]) => sql)];
  const written = [...names, ...derived.map(([name]) => name)];
  const announced = mirror.announceSql && {
    onInsert: `case when ${mirror.announceSql('u')} then 1 end`,
    onUpdate: `coalesce(m.announced_version, case when ${mirror.announceSql('excluded')} then m.version + 1 end)`,
  };
  const returned = [...(mirror.returning ?? []), ...(announced ? ['announced_version'] : [])];
  return {
    // Lateral with a limit: as a plain join it was planned while the table was small, and then scanned all of it for every page.
    differing: statement(`
      select p.id, case when m.id is not null then
               array[${mirror.columns.map((column) => asText(column.name, column.type)).join(', ')}] end as before,
             m.gone_at is not null as gone, ${announced ? 'm.announced_version is not null' : 'true'} as announced,
             m.version, ${mirror.liveSql} as live
      from unnest($1::uuid[], $2::uuid[]) as p(id, hash)
      left join lateral (select * from ${mirror.table} stored where stored.id = p.id limit 1) m on true
      where m.id is null or m.${own} is distinct from p.hash or m.gone_at is not null`),
    upsert: statement(`
      insert into ${mirror.table} as m (id, tenant_id, connector_id, read_at, ${own}, ${[...written, ...(announced ? ['announced_version'] : [])].join(', ')})
      select u.id, $1, $2, $3, u.row_hash, ${[...incoming, ...(announced ? [announced.onInsert] : [])].join(', ')}
      from unnest($4::uuid[], $5::uuid[], ${params.join(', ')}) as u(id, row_hash, ${names.join(', ')})
      on conflict (id) do update set ${[...written, own, 'read_at'].map((name) => `${name} = excluded.${name}`).join(', ')},
        version = m.version + 1, gone_at = null${announced ? `, announced_version = ${announced.onUpdate}` : ''}
      where m.read_at <= excluded.read_at and (m.${own} is distinct from excluded.${own} or m.gone_at is not null)
      returning m.id, m.version${returned.map((name) => `, m.${name}`).join('')}`),
  };
}

const statement = (text: string): Statement => ({ name: `isthmus-${hash('md5', text, 'hex')}`, text });

const asText = (name: string, type: string): string =>
  type === 'timestamptz'
    ? `to_char(m.${name} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
    : `m.${name}::text`;
