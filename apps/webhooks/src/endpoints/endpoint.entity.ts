import { randomBytes, randomUUID } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import { EndpointStatusUnchanged } from './endpoint.errors.ts';

export const endpointStatuses = ['enabled', 'disabled'] as const;
export const disabledReasons = ['by-hand', 'failing', 'gone'] as const;

const endpointTable = defineEntity({
  name: 'Endpoint',
  tableName: 'endpoints',
  indexes: [{ name: 'endpoints_of_tenant', properties: ['tenantId', 'createdAt', 'id'] }],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    url: p.text(),
    description: p.text(),
    eventTypes: p.array(),
    status: p.enum(endpointStatuses),
    disabledAt: p.datetime().strictNullable(),
    disabledReason: p.enum(disabledReasons).strictNullable(),
    /** Time since which no attempt has succeeded. */
    failingSince: p.datetime().strictNullable(),
    /** Whether `endpoint-degraded` was published. */
    degradedEventPublished: p.boolean().default(false).fieldName('failing_said'),
    lastFailure: p.text().strictNullable(),
    /** It requested that nothing be sent before this time. */
    heldUntil: p.datetime().strictNullable(),
    /** Token of the process that delivers to it; grows with every claim. */
    leaseToken: p.bigint('number').default(0),
    leaseUntil: p.datetime().strictNullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    version: p.integer().version(),
  },
});

const healthy = {
  disabledAt: null,
  disabledReason: null,
  failingSince: null,
  degradedEventPublished: false,
  lastFailure: null,
  heldUntil: null,
};

/** The settings of an endpoint that a user can change. */
interface EndpointSettings {
  url: string;
  description: string;
  eventTypes: string[];
}

/** The target of a tenant's events. */
export class Endpoint extends endpointTable.class {
  static create(tenantId: string, settings: EndpointSettings, now: Date): Endpoint {
    return Object.assign(new Endpoint(), {
      id: randomUUID(),
      tenantId,
      ...settings,
      status: 'enabled' as const,
      ...healthy,
      leaseToken: 0,
      leaseUntil: null,
      createdAt: now,
      updatedAt: now,
    });
  }

  change(settings: Partial<EndpointSettings>, now: Date): void {
    for (const [name, value] of Object.entries(settings))
      if (value !== undefined) Object.assign(this, { [name]: value });
    this.updatedAt = now;
  }

  /** @throws EndpointStatusUnchanged */
  enable(now: Date): void {
    if (this.status === 'enabled') throw new EndpointStatusUnchanged(this.id, 'enabled');
    Object.assign(this, { status: 'enabled', ...healthy, updatedAt: now });
  }

  /** @throws EndpointStatusUnchanged */
  disable(now: Date): void {
    if (this.status === 'disabled') throw new EndpointStatusUnchanged(this.id, 'disabled');
    Object.assign(this, { status: 'disabled', disabledAt: now, disabledReason: 'by-hand', updatedAt: now });
  }
}
endpointTable.setClass(Endpoint);

const secretTable = defineEntity({
  name: 'EndpointSecret',
  tableName: 'endpoint_secrets',
  properties: {
    endpointId: () =>
      p.manyToOne(Endpoint).mapToPk().primary().joinColumn('endpoint_id').deleteRule('cascade'),
    version: p.integer().primary(),
    tenantId: p.uuid(),
    sealed: p.text(),
    createdAt: p.datetime(),
    /** Null for the newest one. */
    expiresAt: p.datetime().strictNullable(),
  },
});

/** A secret for signing the requests to an endpoint. For some time after a rotation there are two. */
export class EndpointSecret extends secretTable.class {}
secretTable.setClass(EndpointSecret);

/** A new secret as Standard Webhooks writes it: `whsec_` and 32 random bytes in base64. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
