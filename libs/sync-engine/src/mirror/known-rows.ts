import { hash } from 'node:crypto';
import type { KnownRecords } from '@isthmus/cmp-client';
import type { SqlClient } from '@isthmus/messaging';
import type { PoolClient } from 'pg';
import { arrayParameter, prepared } from '../database.ts';
import type { Difference } from './compare-records.ts';
import { mirrorId, type Mirror, type MirrorOwner, type MirrorRow } from './mirror.ts';

/**
 * The records of a listing that need not be read again, because their row is exactly as it was written from the same JSON.
 *
 * A row stores the digest of the JSON that it was compared with, and the hash that resulted. It is known as long as it still has that
 * hash and has not been removed: whatever else writes the row changes one of them. Our id of the record is derived from an id that is
 * only likely; but the digest was stored with the id that was read from the same JSON, so if both match, so does the id.
 *
 * Records of `except` are never known: they are skipped, which is decided by their content.
 */
export function knownRows<T>(
  on: SqlClient,
  mirror: Mirror<T>,
  owner: MirrorOwner,
  except: ReadonlySet<string> | undefined,
): KnownRecords {
  // Planned for each page, because a general plan would be made while the table is small, and then scan the whole table for each page.
  const unknown = `
    select p.n::int - 1 as n from unnest($1::uuid[], $2::uuid[]) with ordinality as p(id, digest, n)
    left join (select m.id, m.listed_digest from ${mirror.table} m
      where m.id = any($1::uuid[]) and m.gone_at is null and m.listed_hash = m.${mirror.hashColumn ?? 'hash'}
        ${except ? `and m.${mirror.customerColumn} <> all($3::text[])` : ''}) k on k.id = p.id
    where k.listed_digest is distinct from p.digest`;
  const others = except ? [[...except]] : [];
  return {
    mapping: mappingName(mirror),
    async find(cmpIds, digests) {
      const ids: (string | undefined)[] = cmpIds.map((cmpId) => mirrorId(owner, mirror.kind, cmpId));
      const values = [arrayParameter(ids as string[]), arrayParameter(digests), ...others];
      const { rows } = await on.query<{ n: number }>(unknown, values);
      for (const { n } of rows) ids[n] = undefined;
      return ids;
    },
  };
}

/** A column that is added or removed is another mapping, too. */
const mappingName = <T>({ kind, mapping, columns }: Mirror<T>): string =>
  hash('sha256', JSON.stringify([kind, mapping, columns.map(({ name, type }) => [name, type])]), 'hex');

/** The rows that were compared although nothing differs: their JSON is new, or was never stored. */
export function unknownEquals<T>(
  { mapping }: Mirror<T>,
  rows: readonly MirrorRow<T>[],
  differences: readonly Difference<T>[],
): MirrorRow<T>[] {
  if (mapping === undefined) return [];
  const different = new Set(differences.map(({ row }) => row.id));
  return rows.filter(({ id, digest }) => digest !== undefined && !different.has(id));
}

/**
 * Stores the digests of rows that are equal to what CMP lists. Rows that another transaction is writing are left out, because
 * waiting for them could become a deadlock, and the next listing can still do it.
 */
export async function rememberDigests<T>(
  client: PoolClient,
  mirror: Mirror<T>,
  rows: readonly MirrorRow<T>[],
): Promise<void> {
  const own = mirror.hashColumn ?? 'hash';
  await client.query({
    ...prepared(`
      update ${mirror.table} m set listed_digest = u.digest, listed_hash = u.row_hash
      from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as u(id, row_hash, digest)
      where m.id = u.id and m.id in (
        select l.id from ${mirror.table} l where l.id = any($1) for no key update skip locked)
        and m.${own} = u.row_hash and m.gone_at is null`),
    values: [
      arrayParameter(rows.map(({ id }) => id)),
      arrayParameter(rows.map((row) => row.hash)),
      arrayParameter(rows.map(({ digest }) => digest!)),
    ],
  });
}
