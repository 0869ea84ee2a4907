import type { Input, Operation, Row } from '@isthmus/sdk';

export type Entry = Row<Operation<'get', '/v1/audit'>>;
type Query = NonNullable<Input<Operation<'get', '/v1/audit'>>['query']>;

export const auditServices = [
  'account-sync',
  'connector-config',
  'product-catalog',
  'rest-provider',
  'subscription-lifecycle',
  'webhooks',
] as const satisfies readonly Entry['service'][];

export interface AuditFilters {
  by?: string | undefined;
  action?: string | undefined;
  type?: string | undefined;
  thing?: string | undefined;
  service?: Entry['service'] | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** The whole last day is meant; the API's end is exclusive. */
const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

export const filtersOf = ({ by, action, type, thing, service, from, to }: AuditFilters): Query => ({
  ...(by && { subject: by }),
  ...(action && { action }),
  ...(type && { thingType: type }),
  ...(thing && { thingId: thing }),
  ...(service && { service }),
  ...(from && { from }),
  ...(to && { to: dayAfter(to) }),
});

/** Entries are numbered in each service. */
export const idOf = ({ service, sequence }: Pick<Entry, 'service' | 'sequence'>): string =>
  `${service} ${sequence}`;
