import { defineEntity, p, Type } from '@mikro-orm/core';

/** JSON as unparsed text: the column is `json`, not `jsonb`, because every attempt sends exactly these bytes. */
class JsonText extends Type<string, string> {
  override getColumnType(): string {
    return 'json';
  }

  override convertToJSValueSQL(column: string): string {
    return `${column}::text`;
  }
}

const eventTable = defineEntity({
  name: 'StoredEvent',
  tableName: 'events',
  indexes: [
    { name: 'events_in_sequence', properties: ['tenantId', 'sequence'] },
    { name: 'events_by_age', properties: ['storedAt'] },
  ],
  properties: {
    id: p.uuid().primary(),
    /** Order of arrival here. */
    sequence: p.bigint('number').autoincrement(),
    tenantId: p.uuid(),
    source: p.text(),
    type: p.text(),
    time: p.datetime(3),
    subject: p.text(),
    /** The subject, unique among all services: `<service>.<kind>/<subject>`. */
    aggregate: p.text(),
    aggregateVersion: p.bigint('number'),
    correlationId: p.text(),
    traceparent: p.text().strictNullable(),
    data: p.type(JsonText).$type<string>(),
    storedAt: p.datetime().defaultRaw('now()'),
  },
});

/** A public event as it was received, stored for replay. */
export class StoredEvent extends eventTable.class {}
eventTable.setClass(StoredEvent);
