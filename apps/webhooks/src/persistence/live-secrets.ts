import type { EntityManager } from '@mikro-orm/postgresql';
import { EndpointSecret } from '../domain/endpoint-secret.entity.ts';

/** The secrets of an endpoint that are in force, the newest first. */
export function liveSecrets(em: EntityManager, endpointId: string, now: Date): Promise<EndpointSecret[]> {
  const inForce = { endpointId, $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] };
  return em.find(EndpointSecret, inForce, { orderBy: { version: 'desc' } });
}
