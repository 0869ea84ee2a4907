import { type TenantRows, Conditions } from '@isthmus/service-kit';
import { BillingContractNotFound } from '../../domain/billing-contract.errors.ts';

export interface BillingContractRow {
  id: string;
  tenantAccountId: string;
  name: string;
  currency: string;
  startDate: string;
  endDate: string | null;
  isDefault: boolean;
  createdAt: Date;
  createdBy: string;
  version: number;
}

const select = `
  select c.id, c.tenant_account_id as "tenantAccountId", c.name, c.currency, c.start_date::text as "startDate",
    c.end_date::text as "endDate", c.is_default as "isDefault", c.created_at as "createdAt", c.created_by as "createdBy", c.version
  from billing_contracts c`;

/** By name; one row more than `limit` when there are more. */
export function listBillingContracts(
  rows: TenantRows,
  filter: { tenantAccountId?: string; isDefault?: boolean },
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<BillingContractRow[]> {
  const where = new Conditions('c.tenant_id = $1')
    .when(filter.tenantAccountId, (id) => `c.tenant_account_id = ${id}`)
    .when(filter.isDefault, (isDefault) => `c.is_default = ${isDefault}`)
    .after(after, 'c.name, c.id', ['text', 'uuid']);
  const more = where.param(limit + 1);
  return rows.select(`${select} where ${where} order by c.name, c.id limit ${more}`, where.values);
}

/** @throws BillingContractNotFound */
export async function readBillingContract(rows: TenantRows, id: string): Promise<BillingContractRow> {
  const [row] = await rows.select<BillingContractRow>(`${select} where c.tenant_id = $1 and c.id = $2`, [id]);
  if (!row) throw new BillingContractNotFound(id);
  return row;
}

/** Currencies in which the provider accounts linked to a tenant account are billed; empty when none is linked. */
export async function linkedCurrencies(rows: TenantRows, tenantAccountId: string): Promise<string[]> {
  const found = await rows.select<{ currency: string }>(
    `select distinct k.currency from provider_accounts a
       join connectors k on k.connector_id = a.connector_id and k.tenant_id = a.tenant_id
     where a.tenant_id = $1 and a.tenant_account_id = $2 order by 1`,
    [tenantAccountId],
  );
  return found.map(({ currency }) => currency);
}

/**
 * Contracts in force that nothing could be billed under if the account lost its link: no other linked account has their
 * currency.
 * @param today `YYYY-MM-DD`; contracts that ended before are history
 */
export function contractsDependingOn(
  rows: TenantRows,
  account: { id: string; tenantAccountId: string },
  today: string,
): Promise<{ id: string; name: string }[]> {
  return rows.select(
    `select c.id, c.name from billing_contracts c
     where c.tenant_id = $1 and c.tenant_account_id = $2 and (c.end_date is null or c.end_date >= $4::date)
       and not exists (
         select from provider_accounts a
           join connectors k on k.connector_id = a.connector_id and k.tenant_id = a.tenant_id
         where a.tenant_id = c.tenant_id and a.tenant_account_id = $2 and a.id <> $3 and k.currency = c.currency)
     order by c.name, c.id`,
    [account.tenantAccountId, account.id, today],
  );
}
