import { CmpConnections, ConnectorNotUsable } from '@isthmus/cmp-connections';
import {
  CountAccountRecords,
  CreateProviderAccount,
  ListProviderAccounts,
  ReadProviderAccount,
  type CountAccountRecordsResponse,
  type CreateProviderAccountResponse,
  type ListProviderAccountsResponse,
  type ProviderAccountV1,
  type ReadProviderAccountResponse,
} from '@isthmus/contracts';
import { RespondTo, fitToMessage, type RequestContext } from '@isthmus/messaging';
import { decodeCursor, encodeCursor, isoTime, TenantStore } from '@isthmus/service-kit';
import { mirrorId } from '@isthmus/sync-engine';
import { Controller } from '@nestjs/common';
import { CmpUnreachable, createAtCmp, CreationUnclear } from './account-creation.ts';
import { AccountCreations } from './account-creations.store.ts';
import {
  listAccountsOfConnector,
  readAccountOfConnector,
  type AccountOfConnectorRow,
} from './accounts.store.ts';
import { countConnectorRecords } from './connector-records.store.ts';

const accountsPerPage = 1_000;

/** Requests of other services about accounts, handled by the API. */
@Controller()
export class AccountsResponder {
  constructor(private readonly store: TenantStore) {}

  @RespondTo(ListProviderAccounts)
  async list({ tenantId, connectorId, cursor }: ListProviderAccounts): Promise<ListProviderAccountsResponse> {
    const after = decodeCursor(cursor, ['uuid']);
    const rows = await this.store.read(tenantId, (em) =>
      listAccountsOfConnector(em, tenantId, connectorId, after, accountsPerPage),
    );
    const accounts = fitToMessage(rows.slice(0, accountsPerPage).map(toProviderAccount));
    const last = accounts.length < rows.length ? accounts.at(-1) : undefined;
    return { accounts, nextCursor: last && encodeCursor([last.providerAccountId]) };
  }

  @RespondTo(ReadProviderAccount)
  async read({
    tenantId,
    connectorId,
    providerAccountId,
  }: ReadProviderAccount): Promise<ReadProviderAccountResponse> {
    const row = await this.store.read(tenantId, (em) =>
      readAccountOfConnector(em, tenantId, connectorId, providerAccountId),
    );
    return row ? { account: toProviderAccount(row) } : {};
  }

  @RespondTo(CountAccountRecords)
  count({ tenantId, connectorId }: CountAccountRecords): Promise<CountAccountRecordsResponse> {
    return countConnectorRecords(this.store.rows(tenantId), connectorId);
  }
}

/** Creates customers at CMP, in the worker: only that program may call CMP. */
@Controller()
export class AccountCreationResponder {
  constructor(
    private readonly creations: AccountCreations,
    private readonly connections: CmpConnections,
    private readonly store: TenantStore,
  ) {}

  /** Requests with the same key wait for the first one and find the customer it has created. */
  @RespondTo(CreateProviderAccount)
  async create(
    request: CreateProviderAccount,
    context: RequestContext,
  ): Promise<CreateProviderAccountResponse> {
    const { tenantId, connectorId, name } = request;
    const create = () => this.#create(request, context);
    const id = await this.creations.exclusively(request, context.deadline, create);
    if (id === undefined) throw new CreationUnclear(name);
    const account = await this.store.read(tenantId, (em) =>
      readAccountOfConnector(em, tenantId, connectorId, id),
    );
    return { account: toProviderAccount(account!) };
  }

  async #create(
    request: CreateProviderAccount,
    { deadline, correlationId }: RequestContext,
  ): Promise<string> {
    const { cmpId, sentAt } = await this.creations.begin(request);
    if (cmpId !== null) return mirrorId(request, 'provider-account', cmpId);
    const asOf = new Date();
    const { client: cmp } = await this.connections.open(request, 'order').catch(toUnreachable);
    const customer = await createAtCmp(request, sentAt, { cmp, creations: this.creations, deadline });
    const { customDomain, requestedBy, role } = request;
    const creator = { requestedBy, role, correlationId };
    return this.creations.complete(request, customer, customDomain, asOf, creator);
  }
}

function toUnreachable(error: unknown): never {
  throw error instanceof ConnectorNotUsable ? new CmpUnreachable(error.message, { cause: error }) : error;
}

/** Converts a row to the contract; unknown values are left out. */
const toProviderAccount = (row: AccountOfConnectorRow): ProviderAccountV1 => ({
  providerAccountId: row.id,
  connectorId: row.connectorId,
  cmpAccountId: row.cmpAccountId,
  name: row.name,
  externalId: row.externalId ?? undefined,
  status: row.status,
  email: row.email ?? undefined,
  contactName: row.contactName ?? undefined,
  taxRegId: row.taxRegId ?? undefined,
  address: row.address ?? undefined,
  customDomain: row.customDomain ?? undefined,
  customDomainSeen: row.customDomainSeen,
  customDomainConflicts: row.customDomainConflicts.length ? row.customDomainConflicts : undefined,
  unreadSubscriptions: row.unreadSubscriptions,
  asOf: isoTime(row.asOf),
  goneAt: row.goneAt ? isoTime(row.goneAt) : undefined,
  version: row.version,
});
