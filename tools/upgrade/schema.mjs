/**
 * What of a schema matters to code that was written for another one.
 * @param {import('pg').ClientBase} client
 * @returns {Promise<import('./schema.d.mts').Schema>}
 */
export async function readSchema(client) {
  const { rows: columns } = await client.query(`
    select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
      a.atthasdef or a.attidentity <> '' or a.attgenerated <> '' as filled
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped
    order by 1, 2`);
  // A rule is what a row, or several together, must fulfil, as PostgreSQL writes it; names do not matter.
  const { rows: rules } = await client.query(`
    select c.relname as table, pg_get_constraintdef(k.oid) as rule
    from pg_constraint k join pg_class c on c.oid = k.conrelid
    where c.relnamespace = 'public'::regnamespace and k.contype in ('c', 'f', 'x')
    union all
    select c.relname, regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE UNIQUE INDEX \\S+ ON \\S+ ', 'unique ')
    from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace and i.indisunique
    order by 1, 2`);
  return { columns, rules };
}

/**
 * What code that was written for `before` would find missing, or be refused, in `after`. New tables, columns that may be empty or
 * fill themselves, and rules that are gone do not matter to it.
 * @param {import('./schema.d.mts').Schema} before
 * @param {import('./schema.d.mts').Schema} after
 * @returns {string[]}
 */
export function breaks(before, after) {
  const key = ({ table, name }) => `${table}.${name}`;
  const now = new Map(after.columns.map((column) => [key(column), column]));
  const then = new Map(before.columns.map((column) => [key(column), column]));
  const tables = new Set(before.columns.map(({ table }) => table));
  const remaining = new Set(after.columns.map(({ table }) => table));
  const found = [...tables].filter((table) => !remaining.has(table)).map((table) => `${table} is gone`);
  for (const column of before.columns) {
    const changed = now.get(key(column));
    if (!remaining.has(column.table)) continue;
    if (!changed) found.push(`${key(column)} is gone`);
    else if (changed.type !== column.type)
      found.push(`${key(column)} was ${column.type} and is ${changed.type}`);
    else if (changed.required && !column.required) found.push(`${key(column)} must no longer be null`);
    else if (changed.required && column.filled && !changed.filled)
      found.push(`${key(column)} no longer has a default`);
  }
  for (const column of after.columns)
    if (tables.has(column.table) && !then.has(key(column)) && column.required && !column.filled)
      found.push(`${key(column)} is new, must not be null and has no default`);
  const known = new Set(before.rules.map(({ table, rule }) => `${table}: ${rule}`));
  for (const { table, rule } of after.rules)
    if (
      tables.has(table) &&
      !known.has(`${table}: ${rule}`) &&
      !before.rules.some((one) => one.table === table && isWider(rule, one.rule))
    )
      found.push(`${table} has a new rule: ${rule}`);
  return found;
}

const oneOf = /^(CHECK \(\(\w+ = ANY \(ARRAY\[)(.*)(\]\)\)\))$/;

/** Whether a column may have every value that it might have before, and others. */
function isWider(rule, earlier) {
  const [, start, values, end] = oneOf.exec(rule) ?? [];
  const [, earlierStart, earlierValues, earlierEnd] = oneOf.exec(earlier) ?? [];
  if (!values || !earlierValues || start !== earlierStart || end !== earlierEnd) return false;
  // A value with a comma in it falls apart in both.
  const allowed = new Set(values.split(', '));
  return earlierValues.split(', ').every((value) => allowed.has(value));
}
