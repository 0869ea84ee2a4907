import type { FastifyInstance } from 'fastify';
import { customerIndex } from '../customers/customers.ts';
import { orderDetail } from '../orders/order-view.ts';
import { subscriptionDetail } from '../subscriptions/subscriptions.ts';
import { fail, release } from '../orders/order-course.ts';
import type { Simulator } from '../simulator.ts';
import type { CustomerState } from '../customers/customer.ts';
import type { World } from '../world/world.ts';
import { addCustomers, patchCustomer, removeCustomer } from './customers.ts';
import { patchProduct, withdrawProduct, type ProductPatch } from './products.ts';
import { buySubscription, removeSubscription, type Purchase } from './purchases.ts';
import { patchSubscription, type SubscriptionPatch } from './subscriptions.ts';

type Of = { account?: string | undefined };
type ById<B> = { Params: { id: string }; Body: B & Of; Querystring: Of };

/** What people do in the portal, past the API: customers, products, subscriptions, and the orders that wait for them. */
export function portalRoutes(app: FastifyInstance, simulator: Simulator): void {
  const worldOf = (name: string | undefined): World => simulator.account(name).world;

  app.post<{ Body: { count?: number } & Partial<CustomerState> & Of }>(
    '/customers',
    ({ body: { account, count = 1, ...like } }) => addCustomers(worldOf(account), count, like),
  );
  app.post<ById<Partial<CustomerState>>>('/customers/:id', ({ params, body: { account, ...fields } }) =>
    patchCustomer(worldOf(account), params.id, fields),
  );
  app.post<ById<object>>('/customers/:id/accept', ({ params, body }) => {
    const world = worldOf(body?.account);
    customerIndex(world, params.id);
    world.accepted.add(params.id);
    return {};
  });
  app.delete<ById<object>>('/customers/:id', ({ params, query }) => {
    const world = worldOf(query.account);
    customerIndex(world, params.id);
    removeCustomer(world, params.id);
    return {};
  });

  app.post<{ Body: Purchase & Of }>('/subscriptions', ({ body: { account, ...purchase } }) => {
    const world = worldOf(account);
    return subscriptionDetail(world, buySubscription(world, purchase));
  });
  app.post<ById<SubscriptionPatch>>('/subscriptions/:id', ({ params, body: { account, ...patch } }) => {
    const world = worldOf(account);
    return subscriptionDetail(world, patchSubscription(world, params.id, patch));
  });
  app.delete<ById<object>>('/subscriptions/:id', ({ params, query }) => {
    removeSubscription(worldOf(query.account), params.id);
    return {};
  });

  app.post<ById<ProductPatch>>('/products/:id', ({ params, body: { account, ...patch } }) =>
    patchProduct(worldOf(account), params.id, patch),
  );
  app.delete<ById<object>>('/products/:id', ({ params, query }) => {
    withdrawProduct(worldOf(query.account), params.id);
    return {};
  });

  app.post<ById<object>>('/orders/:id/confirm', ({ params, body }) => {
    const world = worldOf(body?.account);
    const order = world.orders.edit(params.id);
    release(world, order, world.now());
    return orderDetail(world.ground.currency, order);
  });
  app.post<ById<object>>('/orders/:id/fail', ({ params, body }) => {
    const world = worldOf(body?.account);
    const order = world.orders.edit(params.id);
    fail(world, order);
    return orderDetail(world.ground.currency, order);
  });
}
