import { Controller } from '@nestjs/common';
import { CreateProviderAccount, type CreatedProviderAccount } from '@isthmus/contracts';
import { Answers, type AskContext } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { CmpConnections, ConnectorNotUsable, mirrorId } from '@isthmus/sync-engine';
import { createAtCmp } from '../creating/create-at-cmp.ts';
import { CmpAway, CreationUnclear } from '../domain/account-creation.errors.ts';
import { AccountCreations } from '../persistence/account-creations.ts';
import { readAccountOfConnector } from '../persistence/queries/accounts-of-connector.query.ts';
import { tellAccount } from './provider-account.ts';

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
