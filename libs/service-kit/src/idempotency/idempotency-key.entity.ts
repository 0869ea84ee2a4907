import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  properties: {
    tenantId: p.uuid().primary(),
    route: p.string().primary(),
    key: p.string().primary(),
    bodyHash: p.string(),
    status: p.integer(),
    headers: p.json(),
    body: p.json(),
    createdAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** One command that was carried out, with the answer it got. */
export class IdempotencyKey extends schema.class {}
schema.setClass(IdempotencyKey);
