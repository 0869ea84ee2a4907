import type { CursorKey } from '@isthmus/service-kit';
import { type RawBuilder, sql } from 'kysely';

/** Values of the filter for ended items: left out (default), added, or returned exclusively. */
export const endedFilters = ['exclude', 'include', 'only'] as const;
export type EndedFilter = (typeof endedFilters)[number];

/** `live` is the condition for rows that have not ended. */
export function whereEnded(ended: EndedFilter, live: RawBuilder<boolean>): RawBuilder<boolean> {
  if (ended === 'include') return sql<boolean>`true`;
  return ended === 'exclude' ? live : sql<boolean>`not (${live})`;
}

/** The filter of a query; a query by status returns that status, ended or not. */
export const resolveEndedFilter = (query: {
  ended?: EndedFilter;
  includeGone?: boolean;
  status?: string;
}): EndedFilter => query.ended ?? (query.includeGone || query.status ? 'include' : 'exclude');

/**
 * Restricts a query to rows after a position in the sort order, by SQL columns with their types; without a position, all rows.
 */
export function afterPlace(
  after: CursorKey | undefined,
  columns: readonly (readonly [column: string, type: string])[],
  way: '>' | '<' = '>',
): RawBuilder<boolean> {
  if (!after) return sql<boolean>`true`;
  const place = columns.map(([, type], index) => sql`${after[index]}::${sql.raw(type)}`);
  const order = sql.raw(columns.map(([column]) => column).join(', '));
  return sql<boolean>`(${order}) ${sql.raw(way)} (${sql.join(place)})`;
}
