import { defineEntity, p } from '@mikro-orm/core';

const cursorSchema = defineEntity({
  name: 'OrderCursor',
  tableName: 'order_cursors',
  properties: {
    connectorId: p.uuid().primary(),
    tenantId: p.uuid(),
    /** Creation time of the newest order read: where the next tick starts. */
    newest: p.datetime(),
    /** CMP ids of orders that could not be stored: each tick asks for some of them again. */
    unread: p.array().columnType('text[]').default([]),
  },
});

/** How far the orders of a connector have been read. */
export class OrderCursor extends cursorSchema.class {}
cursorSchema.setClass(OrderCursor);
