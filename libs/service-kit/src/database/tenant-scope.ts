import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The jobs that may see the rows of all tenants, and why. Everything else runs for one tenant and sees nothing of the others;
 * without a tenant it sees nothing at all. docs/decisions/0110-row-level-security.md
 */
export const crossTenantJobs = {
  'relay the outbox': 'one relay publishes the events of every tenant in one order',
  'park a message': 'its tenant may be unreadable; a tenant is shown those that its own subjects carried',
  'measure the backlog': 'counts only, for scaling the number of processes',
  'delete old idempotency keys': 'retention, by age',
  'claim a webhook endpoint':
    'endpoints are served in the order of their last delivery, regardless of the tenant',
  'delete old webhook events': 'retention, by age',
  'find the oldest webhook event':
    'its position only: whether a stream can continue where it was interrupted',
  'claim a sync run': 'whose turn it is depends on the runs of all tenants',
  'find runs that are due': 'one schedule starts the runs of every connector',
  'start runs that are due': 'the same, in one statement',
  'remind of held runs': 'runs that wait for approval, of whichever tenant',
  'delete old plans': 'retention, by age',
  'delete old sync runs': 'retention, by age',
  'claim an order': 'orders are processed in the order in which they are due, regardless of the tenant',
  'claim a scheduled change': 'the same; the transaction becomes that of its tenant as soon as it has one',
  'find subscriptions to check':
    'whose windows close or renewals come next; they are checked tenant by tenant',
  'check subscriptions by new rules': 'a change of the settings requires that all of them are checked again',
  'find tenants with default contracts':
    'once at a start; their subscriptions are then changed tenant by tenant',
  'delete old warnings': 'retention, by age',
  'delete expired quotes': 'retention, by age',
  'delete old calls of orders': 'retention, by age',
  'find the tenant of an API key': 'the tenant is only known once the key has been found',
  'announce the expiry of API keys': 'the keys that expire next, regardless of the tenant',
  'record calls of Work 365': 'calls of whichever connectors are stored in one statement',
  'delete old calls of Work 365': 'retention, by age',
  'find unfinished writes': 'writes that outlived their request are finished tenant by tenant',
  'seal the audit log': 'entries of all tenants get their places in the order in which they were written',
  'publish the heads of the audit log': 'the ends of the chains that have grown, whose ever they are',
  'delete ended sessions': 'retention, by age',
  'reseal secrets': 'a new key of the ring counts for everybody; secrets are moved to it without being shown',
} as const;

export type CrossTenantJob = keyof typeof crossTenantJobs;

/** The scope of statements: one tenant, or a job over all tenants. */
export type TenantScope = { readonly tenantId: string } | { readonly job: CrossTenantJob };

const scopes = new AsyncLocalStorage<TenantScope | undefined>();

/**
 * Runs all database access of `work` as this tenant: PostgreSQL shows it no other tenant's row and accepts none. The only place
 * where a tenant is set: requests, messages, responders and workers all use it.
 */
export const inTenant = <T>(tenantId: string, work: () => T): T => scopes.run({ tenantId }, work);

/** Only for the jobs listed above. */
export const acrossTenants = <T>(job: CrossTenantJob, work: () => T): T => scopes.run({ job }, work);

/** Runs work that concerns no tenant at all, such as the connection itself. */
export const withoutTenant = <T>(work: () => T): T => scopes.run(undefined, work);

export const currentScope = (): TenantScope | undefined => scopes.getStore();

/**
 * A callback that runs in the scope in which it is created, regardless of the caller. (`AsyncLocalStorage.bind` does the same but
 * takes twenty times as long.)
 */
export function keepingScope<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
  const scope = scopes.getStore();
  return (...args) => scopes.run(scope, callback, ...args);
}
