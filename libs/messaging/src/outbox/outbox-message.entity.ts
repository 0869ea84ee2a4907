import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'OutboxMessage',
  tableName: 'outbox',
  // Per statement, and PostgreSQL folds equal notifications of one transaction: a bulk insert wakes the relay once.
  triggers: [
    {
      name: 'outbox_wake',
      timing: 'after',
      events: ['insert'],
      forEach: 'statement',
      body: `perform pg_notify('outbox', ''); return null`,
    },
  ],
  properties: {
    /** Order of insertion, which is not the order of commits: see outbox-fence.ts. */
    position: p.bigint('number').primary().autoincrement(),
    id: p.uuid(),
    subject: p.text(),
    aggregateId: p.text(),
    aggregateVersion: p.bigint('number'),
    tenantId: p.uuid(),
    correlationId: p.text(),
    traceparent: p.text().nullable(),
    time: p.datetime(3),
    /** `json`, not `jsonb`: it is only ever handed on, and jsonb costs 1.7 times the CPU and refuses \u0000. */
    data: p.json<object>().columnType('json'),
  },
});

/** Something this service has said, in the transaction of its cause. Kept after publishing, so that it can be said again. */
export class OutboxMessage extends schema.class {}
schema.setClass(OutboxMessage);
