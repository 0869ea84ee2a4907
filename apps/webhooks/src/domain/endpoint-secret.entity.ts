import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'EndpointSecret',
  tableName: 'endpoint_secrets',
  properties: {
    endpointId: p.uuid().primary(),
    version: p.integer().primary(),
    tenantId: p.uuid(),
    sealed: p.text(),
    createdAt: p.datetime(),
    /** Null for the newest one. */
    expiresAt: p.datetime().strictNullable(),
  },
});

/** A secret that signs what an endpoint gets. For a while after a rotation there are two. */
export class EndpointSecret extends schema.class {}
schema.setClass(EndpointSecret);
