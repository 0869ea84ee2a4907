import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';

/** Runs `work` in a transaction with an entity manager of its own; commits when it resolves, rolls back when it throws. */
export function transaction<T>(orm: MikroORM, work: (em: EntityManager) => Promise<T>): Promise<T> {
  return orm.em.fork().transactional((em) => work(em as EntityManager));
}
