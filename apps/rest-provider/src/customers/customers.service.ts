import {
  CreateProviderAccount,
  ListProviderAccounts,
  type NewAddressV1,
  type NewContactV1,
  type ProviderAccountV1,
  ReadProviderAccount,
} from '@isthmus/contracts';
import { derivedUuid, DomainError } from '@isthmus/domain';
import { RequestClient, RequestRefused } from '@isthmus/messaging';
import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { allPages } from '../all-pages.ts';
import { RestProviderEnv } from '../config.ts';
import { ConnectorPaused, type ConnectorRef } from '../work365/work365-client.ts';
import { WriteRefused } from '../write-intents/write-intent.ts';

/** The connector has no customer of this id. */
export class CustomerNotFound extends DomainError {
  static override readonly code = 'customer.not-found';

  constructor(customerId: string) {
    super(`Customer Id ${customerId} not found`, {
      nextStep: 'Use an id from the list of customers.',
    });
  }
}

/** A customer to be created at CMP, with everything CMP requires. */
export interface NewCustomer {
  name: string;
  address: NewAddressV1;
  contact: NewContactV1;
  /** A locale such as `en_US`. */
  language: string;
  taxRegId?: string;
  customDomain?: string;
}

/** Creates customers at CMP, through account-sync. */
@Injectable()
export class CustomerCreation {
  constructor(
    private readonly requests: RequestClient,
    private readonly env: RestProviderEnv,
  ) {}

  /**
   * account-sync remembers the key and creates each customer once.
   * @throws WriteRefused, ConnectorPaused
   */
  async create(
    connector: ConnectorRef & { subject: string },
    customer: NewCustomer,
  ): Promise<ProviderAccountV1> {
    const { tenantId, connectorId, subject: requestedBy } = connector;
    const key = keyOfCustomer(connector, customer);
    const request = { tenantId, connectorId, ...customer, key, requestedBy };
    try {
      const deadlineMs = Math.max(this.env.WRITE_WAIT_MS, 1_000);
      return (await this.requests.request(CreateProviderAccount, request, { deadlineMs })).account;
    } catch (error) {
      if (!(error instanceof RequestRefused) || transient.test(error.code)) throw error;
      if (error.code === 'connector.paused') throw new ConnectorPaused();
      throw new WriteRefused(error.code, error.message, error.nextStep);
    }
  }
}

export const listAccounts = (
  requests: RequestClient,
  { tenantId, connectorId }: ConnectorRef,
): Promise<ProviderAccountV1[]> =>
  allPages(
    (cursor) => requests.request(ListProviderAccounts, { tenantId, connectorId, cursor }),
    ({ accounts }) => accounts,
  );

/** @throws CustomerNotFound */
export async function readAccount(
  requests: RequestClient,
  { tenantId, connectorId }: ConnectorRef,
  id: string,
): Promise<ProviderAccountV1> {
  if (!isUUID(id)) throw new CustomerNotFound(id);
  const { account } = await requests.request(ReadProviderAccount, {
    tenantId,
    connectorId,
    providerAccountId: id,
  });
  if (!account) throw new CustomerNotFound(id);
  return account;
}

/** Codes of the other services that mean "not now": nothing was decided, and a repeated request continues from there. */
const transient = /^(request|nats)\.|^provider-account\.(creation-unclear|cmp-away)$/;

/**
 * Returns the same key for equal customers of one connector: an equal request counts as a repetition, however late it arrives.
 */
function keyOfCustomer(
  { tenantId, connectorId }: ConnectorRef,
  { name, address, contact }: NewCustomer,
): string {
  const parts = [tenantId, connectorId, name, address.countryCode, address.postalCode, contact.email];
  return derivedUuid(JSON.stringify(parts.map((part) => part.trim().toLowerCase())));
}
