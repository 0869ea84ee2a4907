import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { fieldNameStyles, type PartnerAttestationV1, type TermOfFrequencyV1 } from '@isthmus/contracts';
import { CountryCode, marketplaceForCountry } from '@isthmus/domain';
import { defineEntity, p } from '@mikro-orm/core';
import { IllegalConnectorAction, MarketplaceUnknown, SecretNeededAgain } from './connector.errors.ts';
import {
  type CallLimit,
  type ConnectorAction,
  connectorLifecycle,
  type ConnectorSettings,
  connectorStatuses,
  type OrderGuardSettings,
  type Pause,
  type Schedule,
  type Verification,
} from './connector.ts';

/**
 * The store of a tenant says which one; a find that names none fails, and the few that look across tenants switch the
 * filter off by name.
 */
export const tenantFilters = {
  tenant: { name: 'tenant', cond: ({ tenantId }: { tenantId: string }) => ({ tenantId }), default: true },
};

const schema = defineEntity({
  name: 'Connector',
  tableName: 'connectors',
  filters: {
    ...tenantFilters,
    live: { name: 'live', cond: { status: { $ne: 'removed' } }, default: true },
  },
  indexes: [{ name: 'connectors_by_account', properties: ['tenantId', 'apiUrl', 'accountId'] }],
  uniques: [{ name: 'connectors_name_taken', properties: ['tenantId', 'nameKey'] }],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    name: p.text(),
    /** The normalised name; null once removed, so that the name is free again. */
    nameKey: p.text().strictNullable(),
    username: p.text(),
    apiUrl: p.text(),
    accountId: p.text(),
    country: p.text(),
    currency: p.text(),
    marketplace: p.text(),
    /** True if a user chose the marketplace; otherwise it is derived from the country. */
    marketplaceChosen: p.boolean(),
    schedule: p.json().$type<Schedule>(),
    callLimit: p.json().$type<CallLimit>(),
    fieldNames: p.enum(fieldNameStyles).default('camelCase'),
    termOfFrequency: p.json().$type<TermOfFrequencyV1>().defaultRaw(`'{}'`),
    orderGuard: p.json().$type<OrderGuardSettings>().defaultRaw(`'{}'`),
    partnerAttestation: p.json().$type<PartnerAttestationV1>().strictNullable(),
    status: p.enum(connectorStatuses),
    paused: p.json().$type<Pause>().strictNullable(),
    /** Counts up with each change of what decides whether CMP lets us in; a verification is of one such version. */
    connectionVersion: p.integer(),
    verification: p.json().$type<Verification>().strictNullable(),
    createdAt: p.datetime(),
    /** While it is archived: its id and settings are kept for the day it is set up again. */
    removedAt: p.datetime().strictNullable(),
    /** Time of the last restore after a removal. */
    restoredAt: p.datetime().strictNullable(),
    updatedAt: p.datetime(),
    version: p.integer().version(),
  },
});

/** A way into one CMP marketplace for one tenant. */
export class Connector extends schema.class {
  /** @throws MarketplaceUnknown */
  static create(tenantId: string, settings: ConnectorSettings, now: Date): Connector {
    const connector = Object.assign(new Connector(), {
      id: randomUUID(),
      tenantId,
      status: 'active' as const,
      paused: null,
      partnerAttestation: null,
      connectionVersion: 0,
      verification: null,
      removedAt: null,
      restoredAt: null,
      createdAt: now,
    });
    connector.change(settings, now);
    return connector;
  }

  /**
   * Applies the given settings and returns whether any of them changed.
   * @throws MarketplaceUnknown
   */
  change(settings: Partial<ConnectorSettings>, now: Date): boolean {
    const { marketplace: chosen = this.marketplaceChosen ? this.marketplace : null, ...others } = settings;
    const country = settings.country ?? this.country;
    const marketplace = chosen ?? marketplaceForCountry(CountryCode.parse(country));
    if (!marketplace) throw new MarketplaceUnknown(country);
    const next = { ...others, marketplace, marketplaceChosen: chosen !== null };
    const differs = (field: string) =>
      !isDeepStrictEqual(this[field as keyof this], next[field as keyof typeof next]);
    const changed = Object.keys(next).filter(differs);
    if (changed.length === 0) return false;
    Object.assign(this, next, { nameKey: nameKey(next.name ?? this.name), updatedAt: now });
    if (changed.some((field) => decidesConnection.has(field))) this.newConnection(now);
    // The attestation was given for the reseller with the previous account id only.
    if (changed.includes('accountId')) this.partnerAttestation = null;
    return true;
  }

  /** To be called when a secret is replaced: the previous verification no longer applies. */
  newConnection(now: Date): void {
    this.connectionVersion += 1;
    this.verification = null;
    this.updatedAt = now;
  }

  /** Returns false when it was recorded already; the first record stays. */
  attest(by: string, now: Date): boolean {
    if (this.partnerAttestation) return false;
    this.partnerAttestation = { by, at: now.toISOString() };
    this.updatedAt = now;
    return true;
  }

  /** Returns false if there was nothing to withdraw. */
  withdrawAttestation(now: Date): boolean {
    if (!this.partnerAttestation) return false;
    this.partnerAttestation = null;
    this.updatedAt = now;
    return true;
  }

  /**
   * Returns false when it was paused already; the first reason stays, but a person's takes the place of an error's: the
   * connector must not be resumed as soon as the error is fixed.
   */
  pause(reason: Omit<Pause, 'since'>, now: Date): boolean {
    const overrules = this.paused?.automatic === true && !reason.automatic;
    if (!transition(this, 'pause', now) && !overrules) return false;
    this.paused = { since: this.paused?.since ?? now.toISOString(), ...reason };
    this.updatedAt = now;
    return true;
  }

  /** Returns false when it was not paused. */
  resume(now: Date): boolean {
    if (!transition(this, 'resume', now)) return false;
    this.paused = null;
    return true;
  }

  remove(now: Date): void {
    transition(this, 'remove', now);
    this.nameKey = null;
    this.paused = null;
    this.verification = null;
    this.removedAt = now;
  }

  /**
   * Takes an archived connector into use again: same id, so that all that was known through it is the same again. What
   * the settings leave out is as it was.
   * @throws MarketplaceUnknown
   */
  restore(settings: Partial<ConnectorSettings>, verification: Verification, now: Date): void {
    transition(this, 'restore', now);
    this.change(settings, now);
    this.nameKey = nameKey(this.name);
    this.removedAt = null;
    this.restoredAt = now;
    this.newConnection(now);
    this.verification = verification;
  }
}
schema.setClass(Connector);

const decidesConnection = new Set(['apiUrl', 'username', 'accountId', 'marketplace', 'currency']);

/** Names that look the same are the same: composed and decomposed letters, upper and lower case. */
function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** Returns whether the status is another than before. Not a `#method`: the ORM makes entities without their constructor. */
function transition(connector: Connector, action: ConnectorAction, now: Date): boolean {
  const next = connectorLifecycle[connector.status][action];
  if (!next) throw new IllegalConnectorAction(connector.id, connector.status, action);
  if (next === connector.status) return false;
  connector.status = next;
  connector.updatedAt = now;
  return true;
}

/**
 * A stored secret is only sent to the address, and with the user name, it was entered for. Otherwise a person who may change
 * a connector could have its secrets sent to their own server and read there what no API shows.
 * @throws SecretNeededAgain
 */
export function requireSecretsAgain(
  connector: Pick<ConnectorSettings, 'apiUrl' | 'username'>,
  change: { apiUrl?: string; username?: string; password?: string; subscriptionKey?: string },
): void {
  const moved = change.apiUrl !== undefined && change.apiUrl !== connector.apiUrl;
  const renamed = change.username !== undefined && change.username !== connector.username;
  const needed = moved ? (['password', 'subscriptionKey'] as const) : renamed ? (['password'] as const) : [];
  const missing = needed.filter((field) => change[field] === undefined);
  if (missing.length > 0) throw new SecretNeededAgain(moved ? 'apiUrl' : 'username', missing);
}
