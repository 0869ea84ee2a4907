import { randomUUID } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import { EndpointAlready } from './webhook.errors.ts';

export const endpointStatuses = ['enabled', 'disabled'] as const;
export const disabledReasons = ['by-hand', 'failing', 'gone'] as const;

const schema = defineEntity({
  name: 'Endpoint',
  tableName: 'endpoints',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    url: p.text(),
    description: p.text(),
    eventTypes: p.array(),
    status: p.enum(endpointStatuses),
    disabledAt: p.datetime().strictNullable(),
    disabledReason: p.enum(disabledReasons).strictNullable(),
    /** Since when no attempt has succeeded. */
    failingSince: p.datetime().strictNullable(),
    /** Whether `endpoint-failing` was said of it. */
    failingSaid: p.boolean().default(false),
    lastFailure: p.text().strictNullable(),
    /** It asked for no requests before this. */
    heldUntil: p.datetime().strictNullable(),
    /** Who delivers to it; grows with every claim. */
    leaseToken: p.bigint('number').default(0),
    leaseUntil: p.datetime().strictNullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    version: p.integer().version(),
  },
});

/** What of an endpoint a person decides. */
export interface EndpointSettings {
  url: string;
  description: string;
  eventTypes: string[];
}

/** Where a tenant wants its events sent. */
export class Endpoint extends schema.class {
  static create(tenantId: string, settings: EndpointSettings, now: Date): Endpoint {
    return Object.assign(new Endpoint(), {
      id: randomUUID(),
      tenantId,
      ...settings,
      status: 'enabled' as const,
      ...wellAgain,
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

  /** @throws EndpointAlready */
  enable(now: Date): void {
    if (this.status === 'enabled') throw new EndpointAlready(this.id, 'enabled');
    Object.assign(this, { status: 'enabled', ...wellAgain, updatedAt: now });
  }

  /** @throws EndpointAlready */
  disable(now: Date): void {
    if (this.status === 'disabled') throw new EndpointAlready(this.id, 'disabled');
    Object.assign(this, { status: 'disabled', disabledAt: now, disabledReason: 'by-hand', updatedAt: now });
  }
}
schema.setClass(Endpoint);

const wellAgain = {
  disabledAt: null,
  disabledReason: null,
  failingSince: null,
  failingSaid: false,
  lastFailure: null,
  heldUntil: null,
};
