import {
  audit,
  clientIn,
  type CursorKey,
  isoTime,
  keyRotationOf,
  type SecretOwner,
} from '@isthmus/service-kit';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import type { Provider } from '@nestjs/common';
import { Delivery } from '../deliveries/delivery.entity.ts';
import { Endpoint } from './endpoint.entity.ts';
import { EndpointIsDisabled, EndpointNotFound } from './endpoint.errors.ts';

/** @throws EndpointNotFound, also when it is another tenant's */
export async function requireEndpoint(em: EntityManager, id: string): Promise<Endpoint> {
  const endpoint = await em.findOne(Endpoint, { id });
  if (!endpoint) throw new EndpointNotFound(id);
  return endpoint;
}

/**
 * Reads an endpoint and locks it until the transaction ends: commands on an endpoint and results of its deliveries wait for each
 * other.
 * @throws EndpointNotFound
 */
export async function lockEndpoint(em: EntityManager, id: string): Promise<Endpoint> {
  const endpoint = await em.findOne(Endpoint, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!endpoint) throw new EndpointNotFound(id);
  return endpoint;
}

/** @throws EndpointNotFound, EndpointIsDisabled */
export async function lockEnabledEndpoint(em: EntityManager, id: string): Promise<Endpoint> {
  const endpoint = await lockEndpoint(em, id);
  if (endpoint.status === 'disabled') throw new EndpointIsDisabled(id);
  return endpoint;
}

/** The tenant's endpoints by age; returns `limit + 1` rows if there are more pages. */
export function listEndpoints(
  em: EntityManager,
  after: CursorKey | undefined,
  limit: number,
): Promise<Endpoint[]> {
  const [createdAt, id] = after ?? [];
  const later = after
    ? {
        $or: [
          { createdAt: { $gt: new Date(String(createdAt)) } },
          { createdAt: new Date(String(createdAt)), id: { $gt: String(id) } },
        ],
      }
    : {};
  return em.find(Endpoint, later, { orderBy: { createdAt: 'asc', id: 'asc' }, limit: limit + 1 });
}

/** What an endpoint has got and will get. */
interface Traffic {
  pending: number;
  undelivered: number;
  delivered24h: number;
  lastDeliveredAt: string | null;
}

/** Nobody needs to know of more than these; counting them all would read a day's index of a busy endpoint. */
const mostCounted = 10_000;

/** Each number has an index of its own, which holds all that it needs. */
const traffic = `
  select wanted.id,
    (select count(*)::int from deliveries d where d.endpoint_id = wanted.id and d.status = 'pending') as pending,
    (select count(*)::int from deliveries d where d.endpoint_id = wanted.id and d.status = 'undelivered') as undelivered,
    (select count(*)::int from (
       select 1 from deliveries d
       where d.endpoint_id = wanted.id and d.status = 'delivered' and d.last_attempt_at > now() - interval '1 day' limit ${mostCounted}
     ) today) as "delivered24h",
    (select d.last_attempt_at from deliveries d where d.endpoint_id = wanted.id and d.status = 'delivered'
     order by d.last_attempt_at desc limit 1) as "lastDeliveredAt"
  from unnest($1::uuid[]) as wanted (id)`;

/** Of each of these endpoints, which are the tenant's. */
export async function readTraffic(em: EntityManager, ids: readonly string[]): Promise<Map<string, Traffic>> {
  const { rows } = await clientIn(em).query<Traffic & { id: string }>(traffic, [ids]);
  return new Map(
    rows.map(({ id, lastDeliveredAt, ...counts }) => [
      id,
      { ...counts, lastDeliveredAt: lastDeliveredAt && isoTime(lastDeliveredAt) },
    ]),
  );
}

/** Pending deliveries of an endpoint that is disabled count as undelivered, and can be recovered. */
export async function markPendingUndelivered(em: EntityManager, endpointId: string): Promise<void> {
  await em.nativeUpdate(Delivery, { endpointId, status: 'pending' }, { status: 'undelivered' });
}

/** The fields of an endpoint in the audit log. */
export const auditedFields = ({ url, description, eventTypes, status }: Endpoint): object => ({
  url,
  description,
  eventTypes,
  status,
});

type EndpointCommand =
  'create' | 'update' | 'remove' | 'enable' | 'disable' | 'rotate-secret' | 'replay' | 'recover' | 'test';

/** Writes what was done to an endpoint into the audit log. */
export const auditEndpoint = (
  em: EntityManager,
  { id, tenantId }: Pick<Endpoint, 'id' | 'tenantId'>,
  command: EndpointCommand,
  change: { before?: object; after?: object },
): Promise<void> =>
  audit(em, { tenantId, action: `webhook-endpoint.${command}`, thing: ['webhook-endpoint', id], ...change });
/** The owner of a secret. */
export type SecretHolder = Pick<Endpoint, 'id' | 'tenantId'>;

/** The context that a sealed secret is bound to. Not to the address: that may change, and the secret is never sent there. */
export const sealedFor = ({ id, tenantId }: SecretHolder, version: number): SecretOwner => ({
  tenantId,
  connectorId: id,
  field: 'signing-secret',
  version,
});

export const keyRotation: Provider = keyRotationOf<SecretRow>(
  {
    table: 'endpoint_secrets',
    key: { endpoint_id: 'uuid', version: 'int' },
    select: { endpointId: 's.endpoint_id', version: 's.version', tenantId: 's.tenant_id' },
    owner: ({ endpointId, tenantId, version }) => sealedFor({ id: endpointId, tenantId }, version),
  },
  { bound: false },
);

interface SecretRow {
  endpointId: string;
  version: number;
  tenantId: string;
}
