import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { Endpoint } from '../domain/endpoint.entity.ts';
import { EndpointIsDisabled, EndpointNotFound } from '../domain/webhook.errors.ts';

/** @throws EndpointNotFound, also when it is another tenant's */
export async function requireEndpoint(em: EntityManager, id: string): Promise<Endpoint> {
  const endpoint = await em.findOne(Endpoint, { id });
  if (!endpoint) throw new EndpointNotFound(id);
  return endpoint;
}

/**
 * The same, locked until the transaction ends: what is decided of an endpoint follows one another, and what couriers note.
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
