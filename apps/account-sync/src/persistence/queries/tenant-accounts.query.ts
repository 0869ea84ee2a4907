import { anywhere, Conditions, type TenantRows } from '@isthmus/service-kit';
import type { LinkCandidate } from '../../domain/link-suggestions.ts';

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

/** By name; one row more than `limit` when there are more. */
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

export class TenantAccountNotFound extends Error {
  override readonly name = 'TenantAccountNotFound';
  readonly code = 'tenant-account.not-found';
  readonly nextStep = 'List the tenant accounts, or PUT this one first.';
  constructor(readonly tenantAccountId: string) {
    super(`There is no tenant account ${tenantAccountId}.`);
  }
}
