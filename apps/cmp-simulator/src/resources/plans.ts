import type { FastifyInstance } from 'fastify';
import { CmpRefusal } from '../wire/cmp-refusal.ts';
import { listing } from '../wire/listing.ts';
import { sliceParams } from '../wire/read-query.ts';
import type { Wire } from '../wire/simple-api.ts';
import type { CatalogueItem } from '../world/catalogue-item.ts';
import type { World } from '../world/world.ts';

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
