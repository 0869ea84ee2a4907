import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'SeenSubscription',
  tableName: 'seen_subscriptions',
  properties: {
    providerSubscriptionId: p.uuid().primary(),
    tenantId: p.uuid(),
    /** Version of the subscription at its owner; older news is ignored. */
    version: p.integer(),
  },
});

/** Up to which version this service knows a provider subscription. */
export class SeenSubscription extends schema.class {}
schema.setClass(SeenSubscription);
