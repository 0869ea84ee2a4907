import { defineEntity, p } from '@mikro-orm/core';

/** What a stream was when the relay last looked; a stream that is less than this has lost messages. */
export interface StreamMark {
  /** The stream's creation time: another one means that it was deleted and made anew. */
  created: string;
  lastSeq: number;
  /** Messages missing inside the stream that were already said again. */
  gaps: number;
}

const schema = defineEntity({
  name: 'OutboxRelayState',
  tableName: 'outbox_relay',
  properties: {
    /** Always 1: one relay per database. */
    id: p.smallint().primary().autoincrement(false),
    /** Every row up to this position is in JetStream or parked. */
    position: p.bigint('number').defaultRaw('0'),
    streams: p.json<Record<string, StreamMark>>().columnType('json'),
    updatedAt: p.datetime(3),
  },
});

/** How far the relay has come. */
export class OutboxRelayState extends schema.class {}
schema.setClass(OutboxRelayState);
