import type { FaultKind } from './fault-kind.ts';
import { isListing } from './is-listing.ts';

/** Answers the page before the one asked for, under the offset asked for. */
export const repeatPage: FaultKind = {
  before({ request }) {
    const query = request.query as Record<string, string>;
    query.offset = String(Math.max(0, Number(query.offset ?? 0) - Number(query.limit ?? 10)));
  },
  reshape({ request }, payload) {
    if (!isListing(payload)) return payload;
    const offset = Number(request.call.entry.query.offset ?? 0);
    return { ...payload, pagination: { ...payload.pagination, offset } };
  },
};
