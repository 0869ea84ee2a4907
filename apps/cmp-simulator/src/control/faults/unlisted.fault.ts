import type { FaultKind } from './fault-kind.ts';
import { isListing } from './is-listing.ts';

/** Lists leave out the records of these `ids`, and their total agrees; each is still there when asked for by its id. For listings of one page. */
export const unlisted: FaultKind = {
  reshape({ parameters }, payload) {
    if (!isListing(payload)) return payload;
    const hidden = new Set(parameters.ids as string[]);
    const data = payload.data.filter((row) => !hidden.has((row as { id: string }).id));
    const total = payload.pagination.total - (payload.data.length - data.length);
    return { data, pagination: { ...payload.pagination, total } };
  },
};
