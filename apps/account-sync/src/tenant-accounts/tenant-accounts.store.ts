import { DomainError } from '@isthmus/domain';
import { isDeepStrictEqual } from 'node:util';
import { anywhere, Conditions, type TenantRows } from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import type { LinkCandidate } from './link-suggestions.ts';
import { UnusableField } from '../unusable-field.ts';

const schema = defineEntity({
  name: 'TenantAccount',
  tableName: 'tenant_accounts',
  properties: {
    tenantId: p.uuid().primary(),
    /** Work 365's id of the account. */
    id: p.text().primary(),
    name: p.text(),
    domains: p.array().columnType('text[]').default([]),
    emails: p.array().columnType('text[]').default([]),
    taxRegId: p.text().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    version: p.integer().version(),
  },
});

/** The customer as Work 365 knows it; provider accounts are linked to it. */
export class TenantAccount extends schema.class {}
schema.setClass(TenantAccount);

class TenantAccountNotFound extends DomainError {
  static override readonly code = 'tenant-account.not-found';
  constructor(readonly tenantAccountId: string) {
    super(`There is no tenant account ${tenantAccountId}.`, {
      nextStep: 'List the tenant accounts, or PUT this one first.',
    });
  }
}

export interface TenantAccountRow extends LinkCandidate {
  domains: string[];
  emails: string[];
  linkedProviderAccounts: number;
  createdAt: Date;
  updatedAt: Date;
  version: number;
}

const select = `
  select t.id, t.name, t.domains, t.emails, t.tax_reg_id as "taxRegId", t.created_at as "createdAt",
    t.updated_at as "updatedAt", t.version,
    (select count(*)::int from provider_accounts a
     where a.tenant_id = t.tenant_id and a.tenant_account_id = t.id) as "linkedProviderAccounts"
  from tenant_accounts t`;

/** By name; one row more than `limit` if there are more. */
export function listTenantAccounts(
  rows: TenantRows,
  filter: { q?: string },
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<TenantAccountRow[]> {
  const where = new Conditions('t.tenant_id = $1')
    .when(
      filter.q && anywhere(filter.q),
      (q) => `concat_ws(' ', t.name, t.id, array_to_string(t.domains, ' ')) ilike ${q}`,
    )
    .after(after, 't.name, t.id', ['text', 'text']);
  const more = where.param(limit + 1);
  return rows.select(`${select} where ${where} order by t.name, t.id limit ${more}`, where.values);
}

/** @throws TenantAccountNotFound */
export async function readTenantAccount(rows: TenantRows, id: string): Promise<TenantAccountRow> {
  const [row] = await rows.select<TenantAccountRow>(`${select} where t.tenant_id = $1 and t.id = $2`, [id]);
  if (!row) throw new TenantAccountNotFound(id);
  return row;
}

/** All of them: names and tax ids are compared in a form that no index has. */
export function linkCandidates(rows: TenantRows): Promise<LinkCandidate[]> {
  return rows.select(
    'select id, name, domains, emails, tax_reg_id as "taxRegId" from tenant_accounts where tenant_id = $1',
  );
}

interface TenantAccountFields {
  name: string;
  domains: string[];
  emails: string[];
  taxRegId: string | null;
}

/**
 * Creates or replaces the account; an equal one is not written.
 * @param check receives the current version before anything is changed; it throws to refuse
 * @returns whether it is new
 */
export async function putTenantAccount(
  em: EntityManager,
  { tenantId, id, fields, now }: { tenantId: string; id: string; fields: TenantAccountFields; now: Date },
  check: (present: number | undefined) => void,
): Promise<boolean> {
  const account = await em.findOne(TenantAccount, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  check(account?.version);
  if (!account) {
    em.create(TenantAccount, { tenantId, id, ...fields, createdAt: now, updatedAt: now });
    return true;
  }
  const { name, domains, emails, taxRegId = null } = account;
  if (!isDeepStrictEqual({ name, domains, emails, taxRegId }, fields))
    Object.assign(account, fields, { updatedAt: now });
  return false;
}

/** Code that changes the links or contracts of a tenant account locks it, so that checks see the current state. */
export function findAndLockTenantAccount(em: EntityManager, id: string): Promise<TenantAccount | null> {
  return em.findOne(TenantAccount, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

/** The body names a tenant account that does not exist: the field is wrong, not the path. */
export const unknownTenantAccount = (id: string): UnusableField =>
  new UnusableField(
    'tenantAccountId',
    `There is no tenant account ${id}.`,
    `PUT /v1/tenant-accounts/${id} first, or name another.`,
  );
