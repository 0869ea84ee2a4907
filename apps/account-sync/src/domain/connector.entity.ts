import { defineEntity, p } from '@mikro-orm/core';

export interface SyncSchedule {
  /** Minutes between ticks (what changed since the last), sweeps of all listings, and account syncs; 0 is never. */
  tickMinutes: number;
  sweepMinutes: number;
  accountsMinutes: number;
}

const schema = defineEntity({
  name: 'Connector',
  tableName: 'connectors',
  properties: {
    connectorId: p.uuid().primary(),
    tenantId: p.uuid(),
    name: p.text(),
    currency: p.text(),
    status: p.enum(['active', 'paused', 'removed'] as const),
    schedule: p.json<SyncSchedule>(),
    /** Version of the connector at its owner; older news is ignored. */
    version: p.integer(),
    /** Creation time of the newest order read: where the next tick starts. */
    ordersCursor: p.datetime().nullable(),
  },
});

/** What this service keeps of a connector, as connector-config told it. */
export class Connector extends schema.class {}
schema.setClass(Connector);
