import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { Connector } from '../domain/connector.entity.ts';
import type { ConnectorSettings } from '../domain/connector-settings.ts';

export interface ConnectorRef {
  id: string;
  name: string;
}

type Account = Pick<ConnectorSettings, 'apiUrl' | 'accountId'>;

/** Other live connectors of the tenant for the same account at CMP, by the id of the connector asked about. */
export async function sameAccountAs(
  em: EntityManager,
  connectors: readonly Connector[],
): Promise<Map<string, ConnectorRef[]>> {
  const accounts = connectors.map(({ apiUrl, accountId }) => ({ apiUrl, accountId }));
  const all =
    accounts.length > 0 ? await em.find(Connector, { $or: accounts }, { orderBy: { nameKey: 'asc' } }) : [];
  const isSame = (one: Connector, other: Connector) =>
    one.id !== other.id && one.apiUrl === other.apiUrl && one.accountId === other.accountId;
  return new Map(
    connectors.map((one) => [
      one.id,
      all.filter((other) => isSame(one, other)).map(({ id, name }) => ({ id, name })),
    ]),
  );
}

/** The connector of this account that was removed last. */
export function findArchived(em: EntityManager, { apiUrl, accountId }: Account): Promise<Connector | null> {
  const archived = { apiUrl, accountId, status: 'removed' as const };
  return em.findOne(Connector, archived, { filters: { live: false }, orderBy: { removedAt: 'desc' } });
}

/** Locked until the transaction ends; null when it is archived no more. */
export function lockArchived(em: EntityManager, id: string): Promise<Connector | null> {
  const archived = { id, status: 'removed' as const };
  return em.findOne(Connector, archived, { filters: { live: false }, lockMode: LockMode.PESSIMISTIC_WRITE });
}
