import type { FastifyInstance } from 'fastify';
import { CmpRefusal } from '../wire/errors.ts';
import { listing, sliceParams, textParam } from '../wire/query.ts';
import type { Wire } from '../wire/simple-api.ts';
import type { World } from '../world/world.ts';
import type { CatalogueItem } from './catalogue.ts';

/** GET /products: the flat catalogue, newest row first; the same part number recurs once per term and billing. */
export function products(app: FastifyInstance): void {
  app.get('/products', (request) => {
    const { world } = request.call.account;
    const slice = sliceParams(request.query);
    const [name, serviceName, mpn, vendor] = ['name', 'serviceName', 'mpn', 'vendor'].map((field) =>
      textParam(request.query, field),
    );
    const found = world.catalogue.filter(
      (item) =>
        !world.withdrawn.has(item.index) &&
        (name === undefined || item.name.toLowerCase().includes(name.toLowerCase())) &&
        (serviceName ?? item.serviceName) === item.serviceName &&
        (mpn ?? item.mpn) === item.mpn &&
        (vendor ?? item.vendor) === item.vendor,
    );
    const page = found.reverse().slice(slice.offset, slice.offset + slice.limit);
    return listing(
      slice,
      found.length,
      page.map((item) => productView(world, item)),
    );
  });
}

function productView(world: World, item: CatalogueItem): Wire<'Product'> {
  const { currency } = world.ground;
  const needed = item.dependsOn === undefined ? undefined : world.catalogue[item.dependsOn];
  const amount = (cents: number) => (cents / 100).toFixed(2);
  return {
    mpn: item.mpn,
    vendor: item.vendor,
    id: item.id,
    serviceName: item.serviceName,
    name: item.name,
    minimumQuantity: item.minimum.toFixed(1),
    maximumQuantity: item.maximum.toFixed(1),
    prices: [{ currency, amount: amount(item.priceCents), type: 'recurring', model: 'FLAT', lowerLimit: 0 }],
    costs: [{ currency, amount: amount(item.costCents), type: 'recurring' }],
    billingPeriod: item.billing,
    subscriptionPeriod: item.term,
    billingModel: 'chargeBeforeBillingPeriod',
    ...(needed ? { dependsOn: [{ mpn: needed.mpn, id: needed.id }] } : {}),
    ...(item.kind === 'nce' ? { coterming: { required: 'ALLOWED', type: 'SUBSCRIPTION' } } : {}),
  };
}

/** GET /plans, GET /plans/{id}: the offers behind the catalogue; from a monthly term one may switch to the annual ones. */
export function plans(app: FastifyInstance): void {
  app.get('/plans', ({ call, query }) => {
    const slice = sliceParams(query);
    const all = heads(call.account.world).reverse();
    return listing(slice, all.length, all.slice(slice.offset, slice.offset + slice.limit).map(planView));
  });

  app.get<{ Params: { id: string } }>('/plans/:id', ({ call, params }): Wire<'ServicePlanDetailed'> => {
    const all = heads(call.account.world);
    const head = all.find(({ planId }) => String(planId) === params.id);
    if (!head) throw new CmpRefusal(404, `Service plan #${params.id} is not found.`);
    const longer = all.filter(
      ({ mpn, term, kind }) =>
        kind === 'nce' && mpn === head.mpn && head.term.type === 'month' && term.type === 'year',
    );
    return {
      ...planView(head),
      planSwitches: longer.map(({ planId, term }) => ({
        planId,
        subscriptionPeriod: term,
        billingPolicy: 'prorate_starting_new_subscription_period',
        whenEffective: 'immediately',
        sourceSubscriptionPeriod: head.term,
      })),
    };
  });
}

/** The base product of every plan. */
function heads(world: World): CatalogueItem[] {
  return world.catalogue.filter(({ dependsOn }) => dependsOn === undefined);
}

function planView(item: CatalogueItem): Wire<'ServicePlan'> {
  return {
    id: String(item.planId),
    name: item.name,
    shortDescription: item.name,
    longDescription: `${item.name}, sold by ${item.vendor}`,
    published: true,
    subscriptionPeriods: [{ ...item.term, trial: item.kind === 'trial', active: true }],
    billingPeriod: { ...item.billing },
    billingModel: 'chargeBeforeBillingPeriod',
  };
}
