import {
  type AccountRecordCounts,
  CountAccountRecords,
  type CreatedProviderAccount,
  CreateProviderAccount,
  type ListedProviderAccounts,
  ListProviderAccounts,
  type ProviderAccountV1,
  ReadProviderAccount,
  type ReadProviderAccountAnswer,
} from '@isthmus/contracts';
import { Answers, type AskContext, fittingPage } from '@isthmus/messaging';
import { decodeCursor, encodeCursor, isoTime, TenantStore } from '@isthmus/service-kit';
import { CmpConnections, ConnectorNotUsable, mirrorId } from '@isthmus/sync-engine';
import { Controller } from '@nestjs/common';
import { CmpAway, createAtCmp, CreationUnclear } from './account-creation.ts';
import { AccountCreations } from './account-creations.store.ts';
import { countConnectorRecords } from '../sync/connector-records.store.ts';
import {
  type AccountOfConnectorRow,
  listAccountsOfConnector,
  readAccountOfConnector,
} from './accounts.store.ts';

const mostAtOnce = 1_000;

@Controller()
export class AnswerListProviderAccounts {
  constructor(private readonly store: TenantStore) {}

  @Answers(ListProviderAccounts)
  async list({ tenantId, connectorId, cursor }: ListProviderAccounts): Promise<ListedProviderAccounts> {
    const after = decodeCursor(cursor, ['uuid']);
    const found = await listAccountsOfConnector(this.store.rows(tenantId), connectorId, after, mostAtOnce);
    const accounts = fittingPage(found.slice(0, mostAtOnce).map(tellAccount));
    const last = accounts.length < found.length ? accounts.at(-1) : undefined;
    return { accounts, nextCursor: last && encodeCursor([last.providerAccountId]) };
  }
}

@Controller()
export class AnswerReadProviderAccount {
  constructor(private readonly store: TenantStore) {}

  @Answers(ReadProviderAccount)
  async read({
    tenantId,
    connectorId,
    providerAccountId,
  }: ReadProviderAccount): Promise<ReadProviderAccountAnswer> {
    const row = await readAccountOfConnector(this.store.rows(tenantId), connectorId, providerAccountId);
    return row ? { account: tellAccount(row) } : {};
  }
}

@Controller()
export class AnswerCountConnectorRecords {
  constructor(private readonly store: TenantStore) {}

  @Answers(CountAccountRecords)
  count({ tenantId, connectorId }: CountAccountRecords): Promise<AccountRecordCounts> {
    return countConnectorRecords(this.store.rows(tenantId), connectorId);
  }
}

@Controller()
export class AnswerCreateProviderAccount {
  constructor(
    private readonly creations: AccountCreations,
    private readonly connections: CmpConnections,
    private readonly store: TenantStore,
  ) {}

  /** Equal questions wait for the first one and find what it has made. */
  @Answers(CreateProviderAccount)
  async create(question: CreateProviderAccount, { deadline }: AskContext): Promise<CreatedProviderAccount> {
    const id = await this.creations.alone(question, deadline, () => this.#create(question, deadline));
    if (id === undefined) throw new CreationUnclear(question.name);
    const account = await readAccountOfConnector(
      this.store.rows(question.tenantId),
      question.connectorId,
      id,
    );
    return { account: tellAccount(account!) };
  }

  async #create(question: CreateProviderAccount, deadline: Date): Promise<string> {
    const { cmpId, sentAt } = await this.creations.take(question);
    if (cmpId !== null) return mirrorId(question, 'provider-account', cmpId);
    const asOf = new Date();
    const { client: cmp } = await this.connections.open(question, 'order').catch(ifNotUsable);
    const customer = await createAtCmp(question, sentAt, { cmp, creations: this.creations, deadline });
    return this.creations.created(question, customer, question.customDomain, asOf);
  }
}

function ifNotUsable(error: unknown): never {
  throw error instanceof ConnectorNotUsable ? new CmpAway(error.message, { cause: error }) : error;
}

/** A provider account in the words of an answer to another service. */
export const tellAccount = (row: AccountOfConnectorRow): ProviderAccountV1 => ({
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
