import type { FastifyInstance } from 'fastify';
import { CmpRefusal } from '../wire/cmp-refusal.ts';
import { listing } from '../wire/listing.ts';
import { choiceParam, sliceParams, textParam, timeParam } from '../wire/read-query.ts';
import type { Wire } from '../wire/simple-api.ts';
import type { SubscriptionState } from '../world/subscription.ts';
import type { World } from '../world/world.ts';
import { subscriptionDetail, subscriptionRow } from './subscription-view.ts';

type ById = { Params: { id: string } };
const statuses = ['pending', 'active', 'hold', 'terminated', 'removed', 'unknown'];
const day = 86_400_000;

/** GET /subscriptions, GET and PATCH /subscriptions/{id}. */
export function subscriptions(app: FastifyInstance): void {
  app.get('/subscriptions', ({ call, query }) => {
    const { world } = call.account;
    const slice = sliceParams(query);
    const createdTo = timeParam(query, 'creationDateTo');
    const { rows, total } = world.subscriptions.list(slice, {
      customerId: textParam(query, 'customerId'),
      status: choiceParam(query, 'status', statuses),
      createdFrom: timeParam(query, 'creationDateFrom'),
      createdTo: createdTo === undefined ? undefined : createdTo + day - 1,
    });
    return listing(
      slice,
      total,
      rows.map((row) => subscriptionRow(world, row)),
    );
  });

  app.get<ById>('/subscriptions/:id', ({ call, params }) => {
    const { world } = call.account;
    return subscriptionDetail(world, known(world, params.id));
  });

  app.patch<ById>('/subscriptions/:id', ({ call, params, body }) => {
    const { world } = call.account;
    known(world, params.id);
    return subscriptionDetail(
      world,
      update(world, world.subscriptions.edit(params.id), (body ?? {}) as Wire<'SubscriptionUpdate'>),
    );
  });

  app.post('/subscriptions/:id/specialPricing', () => {
    throw new CmpRefusal(400, 'Not supported by this marketplace: specialPricing.');
  });
}

function known(world: World, id: string): SubscriptionState {
  const found = world.subscriptions.find(id);
  if (!found) throw new CmpRefusal(404, `Subscription #${id} is not found.`);
  return found;
}

/** Auto-renew and attributes may be set; seats never, they are changed by an order. */
function update(
  world: World,
  subscription: SubscriptionState,
  given: Wire<'SubscriptionUpdate'>,
): SubscriptionState {
  if (given.products?.some((product) => 'quantity' in product))
    throw new CmpRefusal(
      400,
      'Quantity of products cannot be changed by an update of the subscription: place a change order.',
    );
  if (given.products)
    throw new CmpRefusal(400, 'Not supported by this marketplace: prices of a subscription.');
  if (given.renewalStatus !== undefined && typeof given.renewalStatus !== 'boolean')
    throw new CmpRefusal(400, 'renewalStatus must be a boolean.');
  if (given.renewalStatus !== undefined && subscription.status !== 'active')
    throw new CmpRefusal(
      world.ground.quirks.refusalStatus,
      `Cannot change auto-renewal of Subscription #${subscription.id}: it is in status ${subscription.status}.`,
    );
  if (given.renewalStatus !== undefined) subscription.renewalStatus = given.renewalStatus;
  if (given.attributes) subscription.attributes = { ...subscription.attributes, ...given.attributes };
  subscription.modifiedAt = world.now();
  return subscription;
}
