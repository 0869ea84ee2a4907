import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'StoredEvent',
  tableName: 'events',
  properties: {
    id: p.uuid().primary(),
    /** Order of arrival here. */
    sequence: p.bigint('number').autoincrement(),
    tenantId: p.uuid(),
    source: p.text(),
    type: p.text(),
    time: p.datetime(3),
    subject: p.text(),
    /** What it is about, unique among all services: `<service>.<kind>/<subject>`. */
    aggregate: p.text(),
    aggregateVersion: p.bigint('number'),
    correlationId: p.text(),
    traceparent: p.text().nullable(),
    /** `json`, not `jsonb`: its text is what every attempt sends. */
    data: p.json<object>().columnType('json'),
    storedAt: p.datetime(),
  },
});

/** A public event as it was heard, kept for replay. */
export class StoredEvent extends schema.class {}
schema.setClass(StoredEvent);
