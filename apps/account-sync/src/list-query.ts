import type { Conditions } from '@isthmus/service-kit';

/** Whether a list contains ended items: no (default), also, or only. */
export const endedFilters = ['exclude', 'include', 'only'] as const;
export type EndedFilter = (typeof endedFilters)[number];

/** `live` is SQL that is true for items that have not ended. */
export function whereEnded(where: Conditions, ended: EndedFilter, live: string): void {
  if (ended === 'exclude') where.and(live);
  if (ended === 'only') where.and(`not (${live})`);
}

/** The filter of a query; a query by status returns that status, ended or not. */
export const resolveEndedFilter = (query: {
  ended?: EndedFilter;
  includeGone?: boolean;
  status?: string;
}): EndedFilter => query.ended ?? (query.includeGone || query.status ? 'include' : 'exclude');
