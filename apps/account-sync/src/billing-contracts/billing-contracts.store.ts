import { randomUUID } from 'node:crypto';
import { BillingContractChangedV1, BillingContractCreatedV1 } from '@isthmus/contracts';
import { emit, event } from '@isthmus/messaging';
import { Conditions, currentCorrelationId, TenantRows } from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { findAndLockTenantAccount, unknownTenantAccount } from '../tenant-accounts/tenant-accounts.store.ts';
import { BillingContractNotFound, checkTerms, NoLinkedProviderAccount } from './billing-contract.ts';

const schema = defineEntity({
  name: 'BillingContract',
  tableName: 'billing_contracts',
  indexes: [
    { name: 'billing_contracts_by_account', properties: ['tenantId', 'tenantAccountId'] },
    {
      name: 'billing_contracts_one_default',
      expression: `create unique index billing_contracts_one_default on billing_contracts (tenant_id, tenant_account_id) where is_default`,
    },
  ],
  checks: [{ expression: 'end_date >= start_date' }],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    tenantAccountId: p.text(),
    name: p.text(),
    currency: p.text(),
    startDate: p.text().columnType('date'),
    endDate: p.text().columnType('date').nullable(),
    isDefault: p.boolean(),
    createdAt: p.datetime(),
    createdBy: p.text(),
    version: p.integer().version(),
  },
});

/** The terms under which a tenant account is billed; newly synced subscriptions land on the default one. */
export class BillingContract extends schema.class {}
schema.setClass(BillingContract);

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

/** By name; one row more than `limit` if there are more. */
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
async function linkedCurrencies(rows: TenantRows, tenantAccountId: string): Promise<string[]> {
  const found = await rows.select<{ currency: string }>(
    `select distinct k.currency from provider_accounts a
       join connectors k on k.connector_id = a.connector_id and k.tenant_id = a.tenant_id
     where a.tenant_id = $1 and a.tenant_account_id = $2 order by 1`,
    [tenantAccountId],
  );
  return found.map(({ currency }) => currency);
}

/**
 * Active contracts that nothing could be billed under if the account lost its link, because no other linked account has
 * their currency.
 * @param today `YYYY-MM-DD`; contracts that ended before are ignored
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

interface ContractFields {
  name: string;
  currency: string;
  startDate: string;
  endDate: string | null;
  isDefault: boolean;
}

/**
 * Creates a contract and publishes that; the first one of a tenant account is its default unless specified otherwise.
 * @returns its id
 * @throws NoLinkedProviderAccount, UnusableField
 */
export async function createContract(
  em: EntityManager,
  fields: Omit<ContractFields, 'isDefault'> & { tenantAccountId: string; isDefault?: boolean },
  { tenantId, by, now }: { tenantId: string; by: string; now: Date },
): Promise<string> {
  const { tenantAccountId } = fields;
  if (!(await findAndLockTenantAccount(em, tenantAccountId))) throw unknownTenantAccount(tenantAccountId);
  checkTerms(fields, await billedIn(em, tenantId, tenantAccountId));
  const isDefault = fields.isDefault ?? (await em.count(BillingContract, { tenantAccountId })) === 0;
  if (isDefault) await clearDefault(em, tenantAccountId);
  const owner = { id: randomUUID(), tenantId, createdAt: now, createdBy: by };
  const contract = em.create(BillingContract, { ...owner, ...fields, isDefault });
  await em.flush();
  emit(em, event(BillingContractCreatedV1, toContractEvent(contract), eventFacts(contract)));
  return contract.id;
}

/**
 * Changes a contract and publishes that; what would change nothing is not written.
 * @throws NoLinkedProviderAccount, UnusableField
 */
export async function changeContract(
  em: EntityManager,
  contract: BillingContract,
  change: Partial<ContractFields>,
): Promise<void> {
  const { tenantId, tenantAccountId, version } = contract;
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const terms = { ...contract, ...given } as ContractFields;
  if (change.currency !== undefined || change.startDate !== undefined || change.endDate !== undefined)
    checkTerms(terms, await billedIn(em, tenantId, tenantAccountId));
  if (terms.isDefault && !contract.isDefault) await clearDefault(em, tenantAccountId);
  Object.assign(contract, given);
  await em.flush();
  if (contract.version !== version) emitChanged(em, contract);
}

async function billedIn(em: EntityManager, tenantId: string, tenantAccountId: string): Promise<string[]> {
  const currencies = await linkedCurrencies(TenantRows.within(em, tenantId), tenantAccountId);
  if (currencies.length === 0) throw new NoLinkedProviderAccount(tenantAccountId);
  return currencies;
}

/** @throws BillingContractNotFound */
export async function requireContract(em: EntityManager, id: string): Promise<BillingContract> {
  const contract = await em.findOne(BillingContract, { id });
  if (!contract) throw new BillingContractNotFound(id);
  return contract;
}

/**
 * Takes the default from the contract that has it, so that another may have it; the tenant account is locked.
 * It is flushed at once: the unique index allows only one default at any moment.
 */
async function clearDefault(em: EntityManager, tenantAccountId: string): Promise<void> {
  const previousDefault = await em.findOne(BillingContract, { tenantAccountId, isDefault: true });
  if (!previousDefault) return;
  previousDefault.isDefault = false;
  await em.flush();
  emitChanged(em, previousDefault);
}

/** After the change was flushed: the event carries the new version. */
function emitChanged(em: EntityManager, contract: BillingContract): void {
  emit(em, event(BillingContractChangedV1, toContractEvent(contract), eventFacts(contract)));
}

const toContractEvent = (contract: BillingContract): BillingContractCreatedV1 => ({
  billingContractId: contract.id,
  tenantAccountId: contract.tenantAccountId,
  name: contract.name,
  currency: contract.currency,
  startDate: contract.startDate,
  endDate: contract.endDate ?? undefined,
  isDefault: contract.isDefault,
});

const eventFacts = ({ id: aggregateId, tenantId, version }: BillingContract) => ({
  tenantId,
  aggregateId,
  version,
  correlationId: currentCorrelationId(),
});
