import { hash, randomUUID } from 'node:crypto';
import {
  type AgreedSubscriptionV1,
  type ApiKeyHolder,
  ChangeSubscription,
  type RequestedOrderV1,
  contractOf,
  type ContractClass,
  type EventContract,
  CreateProviderAccount,
  FindApiKey,
  type InvoiceV1,
  ListInvoiceLines,
  ListInvoices,
  ListPrices,
  ListProviderAccounts,
  ListSubscriptions,
  NameProducts,
  type OrderOutcome,
  type OrderStateV1,
  type PartNumberQueryV1,
  type PartNumberResolutionV1,
  PlaceOrders,
  type PriceListItemV1,
  type ProductNameV1,
  type ProductReferenceV1,
  type ProviderAccountV1,
  type RatedLineV1,
  ReadInvoice,
  ReadOrders,
  ReadProviderAccount,
  ReadSubscription,
  ResolvePartNumber,
} from '@isthmus/contracts';
import { RespondTo, emitMany, event, type EventMetadata, messagingTablesSql } from '@isthmus/messaging';
import { createService, ServiceEnv } from '@isthmus/service-kit';
import { serviceDatabase } from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Controller, Module, type Type } from '@nestjs/common';
import { Pool } from 'pg';

/** Whose an account is. */
const owners = new Map<string, string>();

/** What the neighbours answer from. */
export class World {
  readonly keys = new Map<string, ApiKeyHolder>();
  accounts: ProviderAccountV1[] = [];
  subscriptions: AgreedSubscriptionV1[] = [];
  invoices: InvoiceV1[] = [];
  lines: RatedLineV1[] = [];
  prices: PriceListItemV1[] = [];
  /** What was commanded, in the order it was taken over. */
  ordered: RequestedOrderV1[] = [];
  readonly states = new Map<string, OrderStateV1>();
  readonly byKey = new Map<string, OrderStateV1[]>();
  /** How orders end that are taken over from now on. */
  outcome: OrderOutcome = 'settled';
  /** Whether orders that are taken over from now on wait for an approval. */
  held = false;
  /** Whether a bought subscription is known to subscription-lifecycle at once. */
  mirrored = true;
  /** What is sold under every part number that has no alias: billing period and term. */
  sold: [billingPeriod: string, term: string][] = [];
  /** Part numbers of one product each, by what that is: billing period and term. */
  readonly aliases = new Map<string, [billingPeriod: string, term: string]>();
  /** How often the state of orders was read. */
  orderReads = 0;
  /** What names were asked for, by round trip. */
  named: ProductReferenceV1[][] = [];
  /** Thrown by the next orders instead of taking them over. */
  refusal: { code: string; message: string; nextStep: string } | null = null;

  account(tenantId: string, connectorId: string, more: Partial<ProviderAccountV1> = {}): ProviderAccountV1 {
    const account: ProviderAccountV1 = {
      providerAccountId: randomUUID(),
      connectorId,
      cmpAccountId: '1000',
      name: 'Fabrikam',
      status: 'active',
      asOf: '2026-11-01T00:00:00Z',
      ...more,
    };
    this.accounts.push(account);
    owners.set(account.providerAccountId, tenantId);
    return account;
  }

  subscription(account: ProviderAccountV1, more: Partial<AgreedSubscriptionV1> = {}): AgreedSubscriptionV1 {
    const subscription: AgreedSubscriptionV1 = {
      subscriptionId: randomUUID(),
      connectorId: account.connectorId,
      providerAccountId: account.providerAccountId,
      cmpSubscriptionId: String(this.subscriptions.length + 1),
      cmpAccountId: account.cmpAccountId,
      name: 'Business Basic',
      status: 'active',
      autoRenew: true,
      creationDate: '2026-11-01',
      billingPeriod: 'P1M',
      term: 'P1Y',
      lines: [
        {
          mpn: 'CFQ7TTC0LH16:0001',
          vendor: 'MICROSOFT',
          productId: 'PRD1',
          name: 'Business Basic',
          quantity: 10,
          unitPrice: { amount: '6.00', currency: 'USD' },
          unitCost: { amount: '4.80', currency: 'USD' },
        },
      ],
      asOf: '2026-11-20T00:00:00Z',
      ...more,
    };
    this.subscriptions.push(subscription);
    return subscription;
  }

  /** Without anything `sold` there is exactly what was asked for. */
  resolve({ partNumber, billingPeriod, term }: PartNumberQueryV1): PartNumberResolutionV1 {
    const alias = this.aliases.get(partNumber);
    const ways = alias
      ? [alias]
      : this.sold.length
        ? this.sold
        : [[billingPeriod ?? 'P1M', term ?? 'P1Y'] as const];
    const product = ([billing, length]: readonly [string, string]) => ({
      productId: randomUUID(),
      vendor: 'MICROSOFT',
      mpn: 'CFQ7TTC0LH16:0001',
      name: 'Business Basic',
      billingPeriod: billing,
      term: length,
      dependsOn: [],
    });
    const fits = ways.filter(
      ([billing, length]) => alias || ((billingPeriod ?? billing) === billing && (term ?? length) === length),
    );
    const common = { partNumber, candidates: [], candidateCount: fits.length, deciding: [], differs: [] };
    if (fits.length === 0) return { ...common, outcome: 'unknown', reason: 'There is no such.' };
    if (fits.length > 1)
      return { ...common, outcome: 'ambiguous', candidates: fits.map(product), deciding: ['term'] };
    const [[billing, length]] = fits as [readonly [string, string]];
    const differs: ('billingPeriod' | 'term')[] = [
      ...(billingPeriod && billingPeriod !== billing ? ['billingPeriod' as const] : []),
      ...(term && term !== length ? ['term' as const] : []),
    ];
    return { ...common, outcome: 'resolved', product: product([billing, length]), differs };
  }

  nameOf({ vendor, mpn, billingPeriod, term, orderedAs }: ProductReferenceV1): ProductNameV1 {
    const plain = `INGRAM:${vendor}:${mpn}`;
    if (orderedAs?.toLowerCase().startsWith(plain.toLowerCase()))
      return { partNumber: orderedAs, by: 'order' };
    const alias = [...this.aliases].find(
      ([name, periods]) => name.startsWith(plain) && `${periods}` === `${billingPeriod},${term}`,
    )?.[0];
    return alias ? { partNumber: alias, by: 'alias' } : { partNumber: plain, by: 'product' };
  }

  /** @throws what the next commands are to be refused with */
  refuse(): void {
    if (!this.refusal) return;
    const { code, message, nextStep } = this.refusal;
    throw Object.assign(new Error(message), { code, nextStep });
  }

  /** A person decides about the order that was held last, or nobody does in time. */
  decide(decision: 'approved' | 'approval-rejected' | 'approval-expired'): void {
    const states = [...this.states.values()];
    const held = states.findLastIndex(({ waiting }) => waiting?.for === 'approval') - states.length;
    const state = states.at(held)!;
    delete state.waiting;
    if (decision === 'approved') return this.end(state, this.ordered.at(held)!, this.outcome);
    state.outcome = 'refused';
    state.reason = { code: decision, detail: `It was not approved (${decision}).`, nextStep: 'Ask.' };
  }

  /** Carries out what was commanded, or not, as it was to end. */
  end(state: OrderStateV1, order: RequestedOrderV1, outcome: OrderOutcome): void {
    state.outcome = outcome;
    if (outcome === 'refused')
      state.reason = { code: 'refused-by-cmp', detail: 'CMP says no.', nextStep: 'Ask CMP.' };
    if (outcome !== 'settled') return;
    state.finishedAt = new Date().toISOString();
    const known = this.subscriptions.find((one) => one.subscriptionId === order.subscriptionId);
    const line = known?.lines.find(({ mpn }) => mpn === order.mpn) ?? known?.lines[0];
    if (line && order.seats) line.quantity = order.seats;
    if (known && order.autoRenew !== undefined) known.autoRenew = order.autoRenew;
    if (known && order.kind === 'cancel') known.status = 'terminated';
    if (order.kind !== 'create' || !this.mirrored) return;
    const account = this.accounts.find((one) => one.providerAccountId === order.providerAccountId)!;
    const bought = this.subscription(account, { creationDate: '2026-11-22' });
    bought.lines[0]!.quantity = order.seats!;
    state.subscriptionId = bought.subscriptionId;
  }
}

const until = '2026-12-08T00:00:00.000Z';
const approvalWait = { for: 'approval', detail: 'It adds 600 seats.', nextStep: 'Ask Ann.', until } as const;

/** They stand where connector-config, account-sync, subscription-lifecycle and product-catalog are; the e2e story has the real ones. */
const world = { now: new World() };
const known = ({ tenantId, connectorId }: { tenantId: string; connectorId?: string }) => ({
  accounts: world.now.accounts.filter(
    (one) => one.connectorId === connectorId && owners.get(one.providerAccountId) === tenantId,
  ),
});
const subscriptionsOf = (question: { tenantId: string; connectorId: string }) => {
  const ids = new Set(known(question).accounts.map(({ providerAccountId }) => providerAccountId));
  return world.now.subscriptions.filter(({ providerAccountId }) => ids.has(providerAccountId ?? ''));
};
const own = <T extends { connectorId: string }>(items: T[], { connectorId }: { connectorId: string }) =>
  items.filter((item) => item.connectorId === connectorId);

@Controller()
class Neighbours {
  @RespondTo(FindApiKey)
  async key({ keyHash }: FindApiKey) {
    return Promise.resolve({ holder: world.now.keys.get(keyHash) });
  }

  @RespondTo(ListProviderAccounts)
  async accounts(question: ListProviderAccounts) {
    return Promise.resolve({ accounts: known(question).accounts });
  }

  @RespondTo(ReadProviderAccount)
  async account(question: ReadProviderAccount) {
    const { accounts } = known(question);
    const account = accounts.find(
      ({ providerAccountId }) => providerAccountId === question.providerAccountId,
    );
    return Promise.resolve({ account });
  }

  @RespondTo(CreateProviderAccount)
  async createAccount({ tenantId, connectorId, key, name, customDomain }: CreateProviderAccount) {
    world.now.refuse();
    const earlier = world.now.accounts.find(({ externalId }) => externalId === key);
    const more = { name, customDomain, externalId: key };
    return Promise.resolve({ account: earlier ?? world.now.account(tenantId, connectorId, more) });
  }

  @RespondTo(ListSubscriptions)
  async subscriptions(question: ListSubscriptions) {
    const subscriptions = subscriptionsOf(question).filter(
      ({ providerAccountId }) => providerAccountId === question.providerAccountId,
    );
    return Promise.resolve({ subscriptions });
  }

  @RespondTo(ReadSubscription)
  async subscription(question: ReadSubscription) {
    const all = subscriptionsOf(question);
    const subscription = all.find(({ subscriptionId }) => subscriptionId === question.subscriptionId);
    return Promise.resolve({ subscription });
  }

  @RespondTo(ChangeSubscription)
  async change(question: ChangeSubscription) {
    const { subscription } = await this.subscription(question as never);
    if (subscription) subscription.friendlyName = question.friendlyName ?? undefined;
    return { subscription };
  }

  @RespondTo(PlaceOrders)
  async place({ key, orders }: PlaceOrders) {
    const earlier = world.now.byKey.get(key);
    if (earlier) return { orders: earlier };
    world.now.refuse();
    const taken = orders.map((order) => {
      const state: OrderStateV1 = {
        orderId: randomUUID(),
        kind: order.kind,
        outcome: 'running',
        subscriptionId: order.subscriptionId,
        requestedAt: new Date().toISOString(),
      };
      world.now.ordered.push(order);
      world.now.states.set(state.orderId, state);
      if (world.now.held && order.kind !== 'renewal-setting') state.waiting = { ...approvalWait };
      else world.now.end(state, order, world.now.outcome);
      return state;
    });
    world.now.byKey.set(key, taken);
    return Promise.resolve({ orders: taken });
  }

  @RespondTo(ReadOrders)
  async orders({ orderIds }: ReadOrders) {
    world.now.orderReads += 1;
    return Promise.resolve({ orders: orderIds.flatMap((id) => world.now.states.get(id) ?? []) });
  }

  @RespondTo(ListInvoices)
  async invoices(question: ListInvoices) {
    return Promise.resolve({ invoices: own(world.now.invoices, question) });
  }

  @RespondTo(ReadInvoice)
  async invoice(question: ReadInvoice) {
    const all = own(world.now.invoices, question);
    return Promise.resolve({ invoice: all.find(({ invoiceId }) => invoiceId === question.invoiceId) });
  }

  @RespondTo(ListInvoiceLines)
  async lines({ invoiceId, kind }: ListInvoiceLines) {
    const lines = world.now.lines.filter((line) => line.kind === kind && line.invoiceId === invoiceId);
    return Promise.resolve({ lines });
  }

  @RespondTo(ListPrices)
  async prices({ type, timeline }: ListPrices) {
    const prices = world.now.prices.filter((price) => price.type === type && timeline === 'current');
    return Promise.resolve({ prices });
  }

  @RespondTo(ResolvePartNumber)
  async resolve({ questions }: ResolvePartNumber) {
    return Promise.resolve({ answers: questions.map((question) => world.now.resolve(question)) });
  }

  @RespondTo(NameProducts)
  async name({ products }: NameProducts) {
    world.now.named.push(products);
    return Promise.resolve({ names: products.map((product) => world.now.nameOf(product)) });
  }
}

@Module({ controllers: [Neighbours] })
class NeighboursModule {}

class OnlyMessaging extends Migration {
  override up(): void {
    for (const sql of messagingTablesSql) this.addSql(sql);
  }
}

export const hashOf = (key: string): string => hash('sha256', key, 'hex');

/** Publishes an event as its producer does. */
export type Publish = <T extends object>(
  contract: ContractClass<T>,
  data: T,
  facts: EventMetadata,
) => Promise<void>;

/** A service of this name with an outbox of its own, in this process. */
async function startNeighbour(service: string, module: Type, env: Record<string, string>) {
  const database = { entities: [], migrations: [OnlyMessaging] };
  const options = { service, module, config: ServiceEnv, database, http: 'health-only' as const };
  const fresh = await serviceDatabase(options);
  const running = await createService(options, { ...env, ...fresh.env });
  await running.listen();
  const publish: Publish = async (contract, data, facts) => {
    const client = await running.get(Pool).connect();
    await client.query('begin');
    await emitMany(client, [event(contract, data, facts)]);
    await client.query('commit');
    client.release();
  };
  return {
    publish,
    async stop() {
      await running.close();
      await fresh.drop();
    },
  };
}

@Module({})
class PublisherModule {}

/** Responds for the other services, and publishes events as they do: those of connector-config, others when first needed. */
export async function startNeighbours(env: Record<string, string>) {
  const running = new Map([['connector-config', startNeighbour('connector-config', NeighboursModule, env)]]);
  await running.get('connector-config');
  const producerOf = (contract: ContractClass): string => (contractOf(contract) as EventContract).producer;
  const publish: Publish = async (contract, data, facts) => {
    const producer = producerOf(contract);
    const neighbour = running.get(producer) ?? startNeighbour(producer, PublisherModule, env);
    running.set(producer, neighbour);
    await (await neighbour).publish(contract, data, facts);
  };
  return {
    publish,
    async stop() {
      for (const neighbour of running.values()) await (await neighbour).stop();
    },
  };
}

/** The world the neighbours answer from, from now on. */
export function newWorld(): World {
  world.now = new World();
  return world.now;
}
