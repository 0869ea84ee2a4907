import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  properties: {
    tenantId: p.uuid().primary(),
    route: p.string().length(255).primary(),
    key: p.string().length(255).primary(),
    bodyHash: p.string().length(64),
    status: p.smallint(),
    headers: p.json<Record<string, string>>().columnType('json'),
    // json and not jsonb: the repeated answer is the first one to the letter.
    body: p.json().columnType('json').nullable(),
    createdAt: p.datetime(3).defaultRaw('now()').index(),
  },
});

/** One command that was carried out, with the answer it got. */
export class IdempotencyKey extends schema.class {}
schema.setClass(IdempotencyKey);
