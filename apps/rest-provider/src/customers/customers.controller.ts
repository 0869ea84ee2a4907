import { Controller, Get, HttpCode, Param, Post, Res, UseInterceptors } from '@nestjs/common';
import { RequestClient } from '@isthmus/messaging';
import { AllowApiKey, CurrentApiKey, Describe, NotAudited } from '@isthmus/service-kit';
import type { FastifyReply } from 'fastify';
import { RestProviderEnv } from '../config.ts';
import { PartNumbers } from '../subscriptions/part-numbers.service.ts';
import { Subscription, toSubscription } from '../subscriptions/subscriptions.dto.ts';
import { SubscriptionNotFound, SubscriptionReader } from '../subscriptions/subscriptions.service.ts';
import { Work365Client } from '../work365/work365-client.ts';
import { WireBody, Work365Translation } from '../work365/work365.interceptor.ts';
import { Customer, parseNewCustomer, SentCustomer, toCustomer } from './customers.dto.ts';
import { CustomerCreation, listAccounts, readAccount } from './customers.service.ts';

/** Number of live subscriptions that are missing from the list because their seats have not been read yet. */
const leftOutHeader = 'isthmus-left-out';

@AllowApiKey()
@UseInterceptors(Work365Translation)
@Controller('customers')
export class CustomersController {
  constructor(
    private readonly requests: RequestClient,
    private readonly create: CustomerCreation,
    private readonly subscriptions: SubscriptionReader,
    private readonly partNumbers: PartNumbers,
    private readonly env: RestProviderEnv,
  ) {}

  @Get()
  @Describe('All customers of the connector.', { returns: Customer, list: 'array' })
  async list(@CurrentApiKey() client: Work365Client): Promise<Customer[]> {
    const accounts = await listAccounts(this.requests, client);
    return accounts.filter(({ status }) => status !== 'cancelled').map(toCustomer);
  }

  @Post()
  @HttpCode(200)
  @Describe('Creates a customer at CMP.', { takes: SentCustomer, returns: Customer })
  @NotAudited('account-sync creates the customer, and has the entry.')
  async post(
    @CurrentApiKey() client: Work365Client,
    @WireBody(SentCustomer) body: SentCustomer,
  ): Promise<Customer> {
    const wanted = parseNewCustomer(body, this.env.CMP_PHONE_FORMAT);
    return toCustomer(await this.create.create(client.requireActive(), wanted));
  }

  @Get(':id')
  @Describe('One customer.', { returns: Customer })
  async read(@CurrentApiKey() client: Work365Client, @Param('id') id: string): Promise<Customer> {
    return toCustomer(await readAccount(this.requests, client, id));
  }

  @Get(':id/subscriptions')
  @Describe('The subscriptions of a customer, including pending purchases.', {
    returns: Subscription,
    list: 'array',
  })
  async listSubscriptions(
    @CurrentApiKey() client: Work365Client,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Subscription[]> {
    const { account, subscriptions, leftOut } = await this.subscriptions.ofCustomer(client, id);
    const names = await this.partNumbers.ofSubscriptions(client, subscriptions);
    reply.header(leftOutHeader, String(leftOut));
    return subscriptions.map((known) => toSubscription(known, account, names.get(known.id) ?? null));
  }

  @Get(':customerId/subscriptions/:id')
  @Describe('One subscription.', { returns: Subscription })
  async readSubscription(
    @CurrentApiKey() client: Work365Client,
    @Param('customerId') customerId: string,
    @Param('id') id: string,
  ): Promise<Subscription> {
    const account = await readAccount(this.requests, client, customerId);
    const known = await this.subscriptions.one(client, id);
    if (known.customerId !== account.providerAccountId) throw new SubscriptionNotFound(id);
    return toSubscription(known, account, await this.partNumbers.ofSubscription(client, known));
  }
}
