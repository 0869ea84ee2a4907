import { Controller } from '@nestjs/common';
import { ListProviderAccounts, type ListedProviderAccounts } from '@isthmus/contracts';
import { Answers, fittingPage } from '@isthmus/messaging';
import { decodeCursor, encodeCursor, TenantStore } from '@isthmus/service-kit';
import { listAccountsOfConnector } from '../persistence/queries/accounts-of-connector.query.ts';
import { tellAccount } from './provider-account.ts';

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
