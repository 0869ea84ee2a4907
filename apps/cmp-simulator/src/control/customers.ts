import { firstCustomerId, seededCustomer } from '../customers/customer-seed.ts';
import type { CustomerState } from '../customers/customer.ts';
import type { World } from '../world/world.ts';

/** Adds `count` customers as if they had signed up just now; `like` overrides their fields. */
export function addCustomers(
  world: World,
  count: number,
  like: Partial<CustomerState> = {},
): CustomerState[] {
  return Array.from({ length: count }, () =>
    world.customers.add((index) => ({
      ...seededCustomer(world.ground, index),
      status: 'active' as const,
      ...like,
      id: String(firstCustomerId + index),
    })),
  );
}

/** The customer vanishes from listings and details; its subscriptions stay. */
export function removeCustomer(world: World, id: string): void {
  world.customers.hide(positionOf(world, id));
}

/** Overwrites fields of a customer, as somebody in the portal would. */
export function patchCustomer(world: World, id: string, fields: Partial<CustomerState>): CustomerState {
  return Object.assign(world.customers.edit(positionOf(world, id)), fields, { id });
}

function positionOf(world: World, id: string): number {
  const index = world.customers.indexOf(id);
  if (index === undefined) throw new RangeError(`There is no customer ${id}.`);
  return index;
}
