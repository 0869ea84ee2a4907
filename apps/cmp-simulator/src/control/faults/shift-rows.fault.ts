import { addCustomers, removeCustomer } from '../customers.ts';
import { buySubscription, removeSubscription } from '../purchases.ts';
import type { FaultKind } from './fault-kind.ts';

/**
 * After this page of customers or subscriptions, `insert` new rows appear in front of the listing, or the `remove`
 * newest rows go: a row may then be read twice or missed on the next page.
 */
export const shiftRows: FaultKind = {
  reshape({ request, parameters }, payload) {
    const { account, entry } = request.call;
    const { world } = account;
    const customers = entry.path.startsWith('/customers');
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
