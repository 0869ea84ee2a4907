import { randomUUID } from 'node:crypto';
import { BillingContractChangedV1, BillingContractCreatedV1 } from '@isthmus/contracts';
import { DomainError, UnusableField } from '@isthmus/domain';
import { emit, event } from '@isthmus/messaging';
import { anywhere, audit, currentCorrelationId, type CursorKey } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { BillingContract } from '../accounts/account.entity.ts';
import { afterPlace, type EndedFilter, whereEnded } from '../list-query.ts';
import { statements } from '../database.ts';
import { findAndLockTenantAccount, unknownTenantAccount } from '../tenant-accounts/tenant-accounts.store.ts';

/** Row for the public API. */
export type BillingContractRow = Awaited<ReturnType<typeof readBillingContract>>;

const inForce = sql<boolean>`(c.end_date is null or c.end_date >= current_date)`;

const accountDefaults = sql<number>`(select count(*)::int from billing_contracts b
  where b.tenant_id = c.tenant_id and b.tenant_account_id = c.tenant_account_id and b.is_default
    and (b.end_date is null or b.end_date >= current_date))`;

const selectContracts = (em: EntityManager, tenantId: string) =>
  statements(em)
    .selectFrom('BillingContract as c')
    .leftJoin('TenantAccount as t', (join) =>
      join.onRef('t.tenantId', '=', 'c.tenantId').onRef('t.id', '=', 'c.tenantAccountId'),
    )
    .select([
      'c.id',
      'c.tenantAccountId',
      't.name as tenantAccountName',
      'c.name',
      'c.currency',
      'c.startDate',
      'c.endDate',
      'c.isDefault',
      accountDefaults.as('accountDefaults'),
      'c.createdAt',
      'c.createdBy',
      'c.version',
    ])
    .where('c.tenantId', '=', tenantId);

interface BillingContractFilter {
  q?: string;
  tenantAccountId?: string;
  isDefault?: boolean;
  clearDefault?: boolean;
  ended?: EndedFilter;
}

/** Ordered by name; returns `limit + 1` rows if there are more pages. */
export const listBillingContracts = (
  em: EntityManager,
  tenantId: string,
  { q, tenantAccountId, isDefault, clearDefault, ended = 'include' }: BillingContractFilter,
  after: CursorKey | undefined,
  limit: number,
) =>
  selectContracts(em, tenantId)
    .$if(q !== undefined, (query) =>
      query.where(sql<boolean>`concat_ws(' ', c.name, t.name, c.tenant_account_id) ilike ${anywhere(q!)}`),
    )
    .$if(tenantAccountId !== undefined, (query) => query.where('c.tenantAccountId', '=', tenantAccountId!))
    .$if(clearDefault !== undefined, (query) =>
      query.where(sql<boolean>`(${accountDefaults} = 1) = ${clearDefault!}`),
    )
    .where(whereEnded(ended, inForce))
    .$if(isDefault !== undefined, (query) => query.where('c.isDefault', '=', isDefault!))
    .where(
      afterPlace(after, [
        ['c.name', 'text'],
        ['c.id', 'uuid'],
      ]),
    )
    .orderBy('c.name')
    .orderBy('c.id')
    .limit(limit + 1)
    .execute();

/** @throws BillingContractNotFound */
export async function readBillingContract(em: EntityManager, tenantId: string, id: string) {
  const row = await selectContracts(em, tenantId).where('c.id', '=', id).executeTakeFirst();
  if (!row) throw new BillingContractNotFound(id);
  return row;
}

/** Provider accounts linked to a tenant account, with their connectors. */
const linkedAccounts = (em: EntityManager, tenantId: string, tenantAccountId: string) =>
  statements(em)
    .selectFrom('ProviderAccount as a')
    .innerJoin('Connector as k', (join) =>
      join.onRef('k.connectorId', '=', 'a.connectorId').onRef('k.tenantId', '=', 'a.tenantId'),
    )
    .where('a.tenantId', '=', tenantId)
    .where('a.tenantAccountId', '=', tenantAccountId);

/**
 * Active contracts that nothing could be billed under if the account lost its link, because no other linked account has
 * their currency.
 * @param today `YYYY-MM-DD`; contracts that ended before are ignored
 */
export const contractsDependingOn = (
  em: EntityManager,
  account: { id: string; tenantId: string; tenantAccountId: string },
  today: string,
): Promise<{ id: string; name: string }[]> =>
  statements(em)
    .selectFrom('BillingContract as c')
    .select(['c.id', 'c.name'])
    .where('c.tenantId', '=', account.tenantId)
    .where('c.tenantAccountId', '=', account.tenantAccountId)
    .where(sql<boolean>`(c.end_date is null or c.end_date >= ${today}::date)`)
    .where(({ not, exists }) =>
      not(
        exists(
          linkedAccounts(em, account.tenantId, account.tenantAccountId)
            .select('a.id')
            .where('a.id', '<>', account.id)
            .where(sql<boolean>`k.currency = c.currency`),
        ),
      ),
    )
    .orderBy('c.name')
    .orderBy('c.id')
    .execute();

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
  await auditContract(em, 'create', contract, null);
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
  const before = auditedFields(contract);
  if (change.currency !== undefined || change.startDate !== undefined || change.endDate !== undefined)
    checkTerms(terms, await billedIn(em, tenantId, tenantAccountId));
  if (terms.isDefault && !contract.isDefault) await clearDefault(em, tenantAccountId);
  Object.assign(contract, given);
  await em.flush();
  await auditContract(em, 'update', contract, before);
  if (contract.version !== version) emitChanged(em, contract);
}

const auditedFields = (contract: BillingContract): object => {
  const { tenantAccountId, name, currency, startDate, endDate = null, isDefault } = contract;
  return { tenantAccountId, name, currency, startDate, endDate, isDefault };
};

const auditContract = (
  em: EntityManager,
  command: 'create' | 'update',
  contract: BillingContract,
  before: object | null,
): Promise<void> =>
  audit(em, {
    ...{ tenantId: contract.tenantId, action: `billing-contract.${command}`, before },
    ...{ thing: ['billing-contract', contract.id], after: auditedFields(contract) },
  });

/** Currencies in which the provider accounts linked to a tenant account are billed. @throws NoLinkedProviderAccount */
async function billedIn(em: EntityManager, tenantId: string, tenantAccountId: string): Promise<string[]> {
  const linked = await linkedAccounts(em, tenantId, tenantAccountId)
    .select('k.currency')
    .distinct()
    .orderBy('k.currency')
    .execute();
  if (linked.length === 0) throw new NoLinkedProviderAccount(tenantAccountId);
  return linked.map(({ currency }) => currency);
}

/** @throws BillingContractNotFound */
export async function requireContract(em: EntityManager, id: string): Promise<BillingContract> {
  const contract = await em.findOne(BillingContract, { id });
  if (!contract) throw new BillingContractNotFound(id);
  return contract;
}

/**
 * Removes the default flag from the current default contract, so that another one may get it; the tenant account is locked. It is
 * flushed immediately: the unique index allows only one default at any moment.
 */
async function clearDefault(em: EntityManager, tenantAccountId: string): Promise<void> {
  const previousDefault = await em.findOne(BillingContract, { tenantAccountId, isDefault: true });
  if (!previousDefault) return;
  previousDefault.isDefault = false;
  await em.flush();
  emitChanged(em, previousDefault);
}

/** Must be called after the change has been flushed: the event contains the new version. */
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

/** Validity and currency of a contract. Dates are `YYYY-MM-DD`. */
interface ContractTerms {
  currency: string;
  startDate: string;
  endDate?: string | null;
}

/**
 * @param billedIn currencies of the connectors whose accounts the contract can bill
 * @throws UnusableField naming the term that does not hold
 */
export function checkTerms(terms: ContractTerms, billedIn: readonly string[]): void {
  if (terms.endDate && terms.endDate < terms.startDate) {
    throw new UnusableField(
      'endDate',
      `The contract would end on ${terms.endDate}, before it starts on ${terms.startDate}.`,
      'Send an endDate on or after the startDate, or none.',
    );
  }
  if (!billedIn.includes(terms.currency)) {
    throw new UnusableField(
      'currency',
      `None of the linked provider accounts is billed in ${terms.currency}.`,
      `Use ${billedIn.join(' or ')}, or link an account of a connector in ${terms.currency}.`,
    );
  }
}

export class BillingContractNotFound extends DomainError {
  static override readonly code = 'billing-contract.not-found';
  constructor(readonly billingContractId: string) {
    super(`There is no billing contract ${billingContractId}.`, {
      nextStep: 'Use an id from GET /v1/billing-contracts.',
    });
  }
}

/** A contract bills what provider accounts hold, so there must be one. */
export class NoLinkedProviderAccount extends DomainError {
  static override readonly code = 'billing-contract.no-linked-account';
  constructor(readonly tenantAccountId: string) {
    super(`Tenant account ${tenantAccountId} has no linked provider account.`, {
      nextStep: 'Link a provider account to the tenant account first.',
    });
  }
}
