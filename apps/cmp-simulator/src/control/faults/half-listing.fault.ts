import type { FaultKind } from './fault-kind.ts';
import { isListing } from './is-listing.ts';

/** 200 with the newer half of the rows and a total that agrees. Let it strike every page of a listing (`times`). */
export const halfListing: FaultKind = {
  reshape(_strike, payload) {
    if (!isListing(payload)) return payload;
    const total = Math.ceil(payload.pagination.total / 2);
    const data = payload.data.slice(0, Math.max(0, total - payload.pagination.offset));
    return { data, pagination: { ...payload.pagination, total } };
  },
};
