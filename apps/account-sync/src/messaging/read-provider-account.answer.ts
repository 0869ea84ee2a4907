import { Controller } from '@nestjs/common';
import { ReadProviderAccount, type ReadProviderAccountAnswer } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { readAccountOfConnector } from '../persistence/queries/accounts-of-connector.query.ts';
import { tellAccount } from './provider-account.ts';

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
