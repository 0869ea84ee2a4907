import type { FastifyInstance } from 'fastify';
import { listing } from '../wire/listing.ts';
import { sliceParams, textParam } from '../wire/read-query.ts';
import type { Wire } from '../wire/simple-api.ts';
import type { CatalogueItem } from '../world/catalogue-item.ts';
import type { World } from '../world/world.ts';

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
