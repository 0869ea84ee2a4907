import type { EntityManager } from '@mikro-orm/postgresql';
import type { CursorKey } from '@isthmus/service-kit';
import { Endpoint } from '../../domain/endpoint.entity.ts';

/** The tenant's endpoints by age; one more than `limit` when there are more. */
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
