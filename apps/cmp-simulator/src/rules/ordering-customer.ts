import { CmpRefusal } from '../wire/errors.ts';
import type { CustomerState } from '../customers/customer.ts';
import type { World } from '../world/world.ts';

/** The customer an order is for: known (else 400) and neither on hold nor closed. */
export function orderingCustomer(world: World, id: string): CustomerState {
  const index = world.customers.indexOf(id);
  if (index === undefined) throw new CmpRefusal(400, `No entity has been found: Account #${id}.`);
  const customer = world.customers.at(index);
  if (customer.status !== undefined && customer.status !== 'active')
    throw new CmpRefusal(
      world.ground.quirks.refusalStatus,
      `Cannot place order for Account #${id}: it is in status ${customer.status}.`,
    );
  return customer;
}
