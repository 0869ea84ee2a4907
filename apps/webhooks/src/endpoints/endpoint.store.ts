import {
  audit,
  type CursorKey,
  KeyRing,
  KeyRotation,
  type SecretOwner,
  type StoredSecrets,
} from '@isthmus/service-kit';
import { type EntityManager, LockMode, MikroORM } from '@mikro-orm/postgresql';
import type { Provider } from '@nestjs/common';
import { Pool } from 'pg';
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

interface Backlog {
  pending: number;
  undelivered: number;
}

/** The numbers of pending and undelivered deliveries of an endpoint. Two counts, because each has its own index. */
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

/** Every tenant's, for moving them to another key. */
const storedSigningSecrets = (pool: Pool): StoredSecrets => ({
  async find({ keyId }, after, limit) {
    const { rows } = await pool.query<SecretRow>(
      `select i.id, s.endpoint_id as "endpointId", s.version, s.tenant_id as "tenantId", s.sealed
       from endpoint_secrets s, lateral (select concat_ws(' ', s.endpoint_id, s.version) collate "C" as id) i
       where i.id > $1 and split_part(s.sealed, '.', 2) <> $2
       order by i.id limit $3`,
      [after, keyId, limit],
    );
    return rows.map(({ id, sealed, endpointId, tenantId, version }) => ({
      id,
      sealed,
      owner: sealedFor({ id: endpointId, tenantId }, version),
    }));
  },

  async replace(secrets) {
    const { rowCount } = await pool.query(
      `update endpoint_secrets s set sealed = n.sealed
       from (select split_part(id, ' ', 1)::uuid as endpoint_id, split_part(id, ' ', 2)::int as version, was, sealed
             from unnest($1::text[], $2::text[], $3::text[]) as given (id, was, sealed)) n
       where s.endpoint_id = n.endpoint_id and s.version = n.version and s.sealed = n.was`,
      [secrets.map(({ id }) => id), secrets.map(({ was }) => was), secrets.map(({ sealed }) => sealed)],
    );
    return rowCount ?? 0;
  },
});

export const keyRotation: Provider = {
  provide: KeyRotation,
  inject: [MikroORM, Pool, KeyRing],
  useFactory: (orm: MikroORM, pool: Pool, ring: KeyRing) =>
    new KeyRotation(orm, pool, ring, storedSigningSecrets(pool), { bound: false }),
};

interface SecretRow {
  id: string;
  endpointId: string;
  version: number;
  tenantId: string;
  sealed: string;
}
