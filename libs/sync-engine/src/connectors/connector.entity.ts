import { defineEntity, p } from '@mikro-orm/core';

export interface SyncSchedule {
  /** Minutes between ticks (what changed since the last), sweeps of all listings, and account syncs; 0 is never. */
  tickMinutes: number;
  sweepMinutes: number;
  accountsMinutes: number;
}

/** Why a connector is not used just now, as its owner told. */
export interface ConnectorPause {
  cause: string;
  detail: string;
  nextStep: string;
}

const schema = defineEntity({
  name: 'Connector',
  tableName: 'connectors',
  indexes: [{ name: 'connectors_tenant', properties: ['tenantId'] }],
  properties: {
    connectorId: p.uuid().primary(),
    tenantId: p.uuid(),
    name: p.text(),
    currency: p.text(),
    /** ISO 3166 alpha-2; empty until its owner has told it. */
    country: p.text().default(''),
    status: p.enum(['active', 'paused', 'removed'] as const),
    paused: p.json<ConnectorPause>().nullable(),
    schedule: p.json<SyncSchedule>(),
    /** When it was taken up again after a removal: runs before that say nothing about what is due. */
    restoredAt: p.datetime().nullable(),
    /** Version of the connector at its owner; older news is ignored. */
    version: p.integer(),
  },
});

/** What this service keeps of a connector, as connector-config told it. */
export class Connector extends schema.class {}
schema.setClass(Connector);
