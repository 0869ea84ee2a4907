import type { EntityManager } from '@mikro-orm/postgresql';

/** Runs `work` in a transaction with an entity manager of its own; commits when it resolves, rolls back when it throws. */
export function transaction<T>(
  orm: { readonly em: EntityManager },
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  return orm.em.fork().transactional((em) => work(em as EntityManager));
}
