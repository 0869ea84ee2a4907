import { defineEntity, p } from '@mikro-orm/core';

export const parkedDirections = ['in', 'out'] as const;

const schema = defineEntity({
  name: 'ParkedMessage',
  tableName: 'parked_messages',
  uniques: [{ name: 'parked_messages_message_unique', properties: ['direction', 'messageId'] }],
  properties: {
    id: p.uuid().primary(),
    /** `in`: a handler gave it up. `out`: the relay could not publish it. */
    direction: p.enum(parkedDirections),
    subject: p.text(),
    /** The event's id; of a message without one, a digest of it. */
    messageId: p.text(),
    /** `json`, not `jsonb`, and bytes, not text: a message may be here because of what it contains. */
    headers: p.json<Record<string, string>>().columnType('json'),
    payload: p.blob(),
    /** A machine code: `contract.violated`, `handler.failed`, `publish.refused` … */
    reason: p.text(),
    detail: p.text(),
    tries: p.integer(),
    parkedAt: p.datetime(3).defaultRaw('now()'),
  },
});

/** A message set aside so that the others can flow; visible until somebody unparks it. */
export class ParkedMessage extends schema.class {}
schema.setClass(ParkedMessage);
