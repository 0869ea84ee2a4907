import { audit, type CursorKey } from '@isthmus/service-kit';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
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
 * The same, locked until the transaction ends: commands on an endpoint and results of its deliveries follow one another.
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

/** The tenant's endpoints by age; one more than `limit` if there are more. */
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

interface Backlog {
  pending: number;
  undelivered: number;
}

/** How many deliveries to an endpoint are pending, and how many did not arrive. Two counts, because each has its own index. */
export async function countBacklog(em: EntityManager, endpointId: string): Promise<Backlog> {
  return {
    pending: await em.count(Delivery, { endpointId, status: 'pending' }),
    undelivered: await em.count(Delivery, { endpointId, status: 'undelivered' }),
  };
}

/** Pending deliveries of an endpoint that is disabled count as undelivered, and can be recovered. */
export async function markPendingUndelivered(em: EntityManager, endpointId: string): Promise<void> {
  await em.nativeUpdate(Delivery, { endpointId, status: 'pending' }, { status: 'undelivered' });
}

/** What the audit log shows of an endpoint. */
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
