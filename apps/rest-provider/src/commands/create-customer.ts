import { Injectable } from '@nestjs/common';
import { CreateProviderAccount, type ProviderAccountV1 } from '@isthmus/contracts';
import { AskRefused, Asker } from '@isthmus/messaging';
import { RestProviderEnv } from '../config.ts';
import { ConnectorPaused, WriteRefused } from '../domain/errors.ts';
import { keyOfCustomer, type NewCustomer } from '../domain/new-customer.ts';
import type { Owner } from '../persistence/intents.ts';

/** The other services' words for "not now": nothing was decided, and asking again goes on from there. */
const passing = /^(ask|nats)\.|^provider-account\.(creation-unclear|cmp-away)$/;

/** Has customers made at CMP; account-sync remembers the key and makes each of them once. */
@Injectable()
export class CreateCustomer {
  constructor(
    private readonly asker: Asker,
    private readonly env: RestProviderEnv,
  ) {}

  /** @throws WriteRefused, ConnectorPaused */
  async create(owner: Owner, customer: NewCustomer): Promise<ProviderAccountV1> {
    const { tenantId, connectorId } = owner;
    const question = { tenantId, connectorId, ...customer, key: keyOfCustomer(owner, customer) };
    try {
      const deadlineMs = Math.max(this.env.WRITE_WAIT_MS, 1_000);
      return (await this.asker.ask(CreateProviderAccount, question, { deadlineMs })).account;
    } catch (error) {
      if (!(error instanceof AskRefused) || passing.test(error.code)) throw error;
      if (error.code === 'connector.paused') throw new ConnectorPaused();
      throw new WriteRefused(error.code, error.message, error.nextStep);
    }
  }
}
