import { DomainError, UnusableField } from '@isthmus/domain';
import { isDeepStrictEqual } from 'node:util';
import { anywhere, audit, type CursorKey } from '@isthmus/service-kit';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { BillingContract, TenantAccount } from '../accounts/account.entity.ts';
import { afterPlace } from '../list-query.ts';
import { statements } from '../database.ts';

class TenantAccountNotFound extends DomainError {
  static override readonly code = 'tenant-account.not-found';
  constructor(readonly tenantAccountId: string) {
    super(`There is no tenant account ${tenantAccountId}.`, {
      nextStep: 'List the tenant accounts, or PUT this one first.',
    });
  }
}

/** Row for the public API. */
export type TenantAccountRow = Awaited<ReturnType<typeof readTenantAccount>>;

const selectAccounts = (em: EntityManager, tenantId: string) =>
  statements(em)
    .selectFrom('TenantAccount as t')
    .select([
      't.id',
      't.name',
      't.domains',
      't.emails',
      't.taxRegId',
      't.createdAt',
      't.updatedAt',
      't.version',
    ])
    .select(
      sql<number>`(select count(*)::int from provider_accounts a
        where a.tenant_id = t.tenant_id and a.tenant_account_id = t.id)`.as('linkedProviderAccounts'),
    )
    .where('t.tenantId', '=', tenantId);

/** Ordered by name; returns `limit + 1` rows if there are more pages. */
export const listTenantAccounts = (
  em: EntityManager,
  tenantId: string,
  { q }: { q?: string },
  after: CursorKey | undefined,
  limit: number,
) =>
  selectAccounts(em, tenantId)
    .$if(q !== undefined, (query) =>
      query.where(
        sql<boolean>`concat_ws(' ', t.name, t.id, array_to_string(t.domains, ' ')) ilike ${anywhere(q!)}`,
      ),
    )
    .where(
      afterPlace(after, [
        ['t.name', 'text'],
        ['t.id', 'text'],
      ]),
    )
    .orderBy('t.name')
    .orderBy('t.id')
    .limit(limit + 1)
    .execute();

/** @throws TenantAccountNotFound */
export async function readTenantAccount(em: EntityManager, tenantId: string, id: string) {
  const row = await selectAccounts(em, tenantId).where('t.id', '=', id).executeTakeFirst();
  if (!row) throw new TenantAccountNotFound(id);
  return row;
}

/** All of them: names and tax ids are compared in a form that no index has. */
export const linkCandidates = (em: EntityManager, tenantId: string) =>
  statements(em)
    .selectFrom('TenantAccount as t')
    .select(['t.id', 't.name', 't.domains', 't.emails', 't.taxRegId'])
    .where('t.tenantId', '=', tenantId)
    .execute();

interface TenantAccountFields {
  name: string;
  domains: string[];
  emails: string[];
  taxRegId: string | null;
}

/**
 * Creates or replaces the account; an equal one is not written.
 * @param check receives the current version before anything is changed; it throws to reject the change
 * @returns whether it is new
 */
export async function putTenantAccount(
  em: EntityManager,
  { tenantId, id, fields, now }: { tenantId: string; id: string; fields: TenantAccountFields; now: Date },
  check: (present: number | undefined) => void,
): Promise<boolean> {
  const account = await em.findOne(TenantAccount, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  check(account?.version);
  const before = account && fieldsOf(account);
  const entry = { tenantId, action: 'tenant-account.write', thing: ['tenant-account', id] as const };
  await audit(em, {
    ...entry,
    before: before && auditedFields(before),
    after: auditedFields(fields, before),
  });
  if (!account) {
    em.create(TenantAccount, { tenantId, id, ...fields, createdAt: now, updatedAt: now });
    return true;
  }
  if (!isDeepStrictEqual(before, fields)) Object.assign(account, fields, { updatedAt: now });
  return false;
}

/** An account as a row of a file has it, or why it cannot be used. */
type RowOfFile = { row: number; id: string } & (
  | { ok: true; account: Omit<TenantAccountFields, 'taxRegId'> & { taxRegId?: string | null } }
  | { ok: false; problem: string }
);

/** How one row of a file went, or would go. */
export interface ImportedAccount {
  row: number;
  id: string;
  /** Left out if the row cannot be used. */
  name?: string;
  outcome: 'created' | 'changed' | 'unchanged' | 'refused';
  /** Why it is refused. */
  problem?: string;
}

/** Creates or replaces the accounts of a file; rows that cannot be used are left out. */
export async function importTenantAccounts(
  em: EntityManager,
  tenantId: string,
  rows: readonly RowOfFile[],
  now: Date,
): Promise<ImportedAccount[]> {
  const results: ImportedAccount[] = [];
  for (const { row, id, ...read } of rows) {
    if (!read.ok) results.push({ row, id, outcome: 'refused', problem: read.problem });
    else {
      const { name, domains, emails, taxRegId = null } = read.account;
      let before: number | undefined;
      const account = { tenantId, id, fields: { name, domains, emails, taxRegId }, now };
      const isNew = await putTenantAccount(em, account, (version) => (before = version));
      await em.flush();
      const { version } = await em.findOneOrFail(TenantAccount, { id });
      results.push({
        row,
        id,
        name,
        outcome: isNew ? 'created' : version === before ? 'unchanged' : 'changed',
      });
    }
  }
  return results;
}

/** @throws TenantAccountNotFound, TenantAccountInUse */
export async function removeTenantAccount(em: EntityManager, tenantId: string, id: string): Promise<void> {
  const account = await findAndLockTenantAccount(em, id);
  if (!account) throw new TenantAccountNotFound(id);
  const { linkedProviderAccounts } = await readTenantAccount(em, tenantId, id);
  const contracts = await em.count(BillingContract, { tenantAccountId: id });
  if (linkedProviderAccounts > 0 || contracts > 0)
    throw new TenantAccountInUse(id, linkedProviderAccounts, contracts);
  await audit(em, {
    ...{ tenantId, action: 'tenant-account.remove', thing: ['tenant-account', id] },
    ...{ before: auditedFields(fieldsOf(account)), after: null },
  });
  em.remove(account);
}

/** Links and contracts name it. */
class TenantAccountInUse extends DomainError {
  static override readonly code = 'tenant-account.in-use';
  constructor(id: string, linkedProviderAccounts: number, billingContracts: number) {
    super(
      `Tenant account ${id} has ${linkedProviderAccounts} linked provider accounts and ${billingContracts} billing contracts.`,
      {
        title: 'The tenant account is in use',
        details: { linkedProviderAccounts, billingContracts },
        nextStep:
          'Unlink its provider accounts first. One with billing contracts stays, because they say what was billed to whom.',
      },
    );
  }
}

const fieldsOf = ({ name, domains, emails, taxRegId = null }: TenantAccount): TenantAccountFields => ({
  name,
  domains,
  emails,
  taxRegId,
});

/** E-mail addresses do not belong in a log that is never deleted: it only contains their number, and whether they changed. */
const auditedFields = ({ emails, ...fields }: TenantAccountFields, before?: TenantAccountFields | null) => ({
  ...fields,
  emails:
    before && !isDeepStrictEqual(before.emails, emails) ? `${emails.length}, changed` : String(emails.length),
});

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
