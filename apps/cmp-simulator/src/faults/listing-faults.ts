import { addCustomers, buySubscription, removeCustomer, removeSubscription } from '../control/portal.ts';
import type { FaultKind } from './fault.ts';

// Lists that are incomplete, repeat themselves, or shift while they are read.

interface Listing {
  data: unknown[];
  pagination: { offset: number; limit: number; total: number };
}

function isListing(payload: unknown): payload is Listing {
  return typeof payload === 'object' && payload !== null && 'data' in payload && 'pagination' in payload;
}

/** 200 with the newer half of the rows and a matching total. Let it hit every page of a listing (`times`). */
export const halfListing: FaultKind = {
  reshape(_strike, payload) {
    if (!isListing(payload)) return payload;
    const total = Math.ceil(payload.pagination.total / 2);
    const data = payload.data.slice(0, Math.max(0, total - payload.pagination.offset));
    return { data, pagination: { ...payload.pagination, total } };
  },
};

/** Returns the page before the requested one, under the requested offset. */
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

/** Lists leave out the records of these `ids`, and their total agrees; each is still found by its id. For listings of one page. */
export const unlisted: FaultKind = {
  reshape({ parameters }, payload) {
    if (!isListing(payload)) return payload;
    const hidden = new Set(parameters.ids as string[]);
    const data = payload.data.filter((row) => !hidden.has((row as { id: string }).id));
    const total = payload.pagination.total - (payload.data.length - data.length);
    return { data, pagination: { ...payload.pagination, total } };
  },
};

/**
 * After this page of customers or subscriptions, `insert` new rows appear in front of the listing, or the `remove`
 * newest rows go: a row may then be read twice or missed on the next page.
 */
export const shiftRows: FaultKind = {
  reshape({ context, request, parameters }, payload) {
    const { world } = context.account;
    const customers = request.call.entry.path.startsWith('/customers');
    const insert = Number(parameters.insert ?? 0);
    if (customers) addCustomers(world, insert);
    else for (let n = 0; n < insert; n++) buySubscription(world, {});
    const newest = customers
      ? world.customers.page({ offset: 0, limit: Number(parameters.remove ?? 0) })
      : world.subscriptions.list({ offset: 0, limit: Number(parameters.remove ?? 0) }, {});
    for (const { id } of newest.rows) (customers ? removeCustomer : removeSubscription)(world, id);
    return payload;
  },
};
