import type { Mirror } from './mirror.ts';

/** The statements of one mirror, written once from its columns. */
export interface MirrorSql {
  /** $1 ids uuid[], $2 hashes uuid[] → the rows that are new, differ or had vanished, with what is stored now; `fresh` if new or back. */
  differing: string;
  /** $1 tenant, $2 connector, $3 read at, $4 ids, $5 hashes, $6… one text[] per column → rows really written. */
  upsert: string;
}

export function mirrorSql<T>(mirror: Mirror<T>): MirrorSql {
  const hash = mirror.hashColumn ?? 'hash';
  const names = mirror.columns.map((column) => column.name);
  const derived = Object.entries(mirror.derived ?? {});
  const derivedNames = derived.map(([name]) => name);
  const params = mirror.columns.map((_, index) => `$${index + 6}::text[]`);
  const casts = mirror.columns.map((column) =>
    column.type === 'text' ? `u.${column.name}` : `u.${column.name}::${column.type}`,
  );
  const written = [...names, ...derivedNames];
  return {
    differing: `
      select p.id, array[${mirror.columns.map((column) => asText(column.name, column.type)).join(', ')}] as before,
             m.id is null or m.gone_at is not null as fresh, ${mirror.liveSql} as live
      from unnest($1::uuid[], $2::uuid[]) as p(id, hash) left join ${mirror.table} m on m.id = p.id
      where m.id is null or m.${hash} is distinct from p.hash or m.gone_at is not null`,
    upsert: `
      insert into ${mirror.table} as m (id, tenant_id, connector_id, read_at, ${hash}, ${written.join(', ')})
      select u.id, $1, $2, $3, u.row_hash, ${[...casts, ...derived.map(([, sql]) => sql)].join(', ')}
      from unnest($4::uuid[], $5::uuid[], ${params.join(', ')}) as u(id, row_hash, ${names.join(', ')})
      on conflict (id) do update set ${[...written, hash, 'read_at'].map((name) => `${name} = excluded.${name}`).join(', ')},
        version = m.version + 1, gone_at = null
      where m.read_at <= excluded.read_at and (m.${hash} is distinct from excluded.${hash} or m.gone_at is not null)
      returning m.id, m.version${(mirror.returning ?? []).map((name) => `, m.${name}`).join('')}`,
  };
}

const asText = (name: string, type: string): string =>
  type === 'timestamptz'
    ? `to_char(m.${name} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
    : `m.${name}::text`;
