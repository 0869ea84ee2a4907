import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'Note',
  tableName: 'notes',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    text: p.text(),
    version: p.integer().version(),
  },
});

/** The test service's only entity. */
export class Note extends schema.class {}
schema.setClass(Note);
