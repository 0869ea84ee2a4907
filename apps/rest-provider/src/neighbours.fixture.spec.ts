import { hash, randomUUID } from 'node:crypto';
import {
  ChangeSubscription,
  CreateProviderAccount,
  FindApiKey,
  ListInvoiceLines,
  ListInvoices,
  ListPrices,
  ListProviderAccounts,
  ListSubscriptions,
  NameProducts,
  PlaceOrders,
  ReadInvoice,
  ReadOrders,
  ReadProviderAccount,
  ReadSubscription,
  ResolvePartNumber,
  type ContractClass,
  type OrderStateV1,
} from '@isthmus/contracts';
import { Answers, emitMany, event, messagingMigrationSql, type EventFacts } from '@isthmus/messaging';
import { createService, ServiceEnv } from '@isthmus/service-kit';
import { freshDatabase } from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Controller, Module } from '@nestjs/common';
import { Pool } from 'pg';
import { owners, World } from './world.fixture.spec.ts';

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
  @Answers(FindApiKey)
  async key({ keyHash }: FindApiKey) {
    return Promise.resolve({ holder: world.now.keys.get(keyHash) });
  }

  @Answers(ListProviderAccounts)
  async accounts(question: ListProviderAccounts) {
    return Promise.resolve({ accounts: known(question).accounts });
  }

  @Answers(ReadProviderAccount)
  async account(question: ReadProviderAccount) {
    const { accounts } = known(question);
    const account = accounts.find(
      ({ providerAccountId }) => providerAccountId === question.providerAccountId,
    );
    return Promise.resolve({ account });
  }

  @Answers(CreateProviderAccount)
  async createAccount({ tenantId, connectorId, key, name, customDomain }: CreateProviderAccount) {
    world.now.refuse();
    const earlier = world.now.accounts.find(({ externalId }) => externalId === key);
    const more = { name, customDomain, externalId: key };
    return Promise.resolve({ account: earlier ?? world.now.account(tenantId, connectorId, more) });
  }

  @Answers(ListSubscriptions)
  async subscriptions(question: ListSubscriptions) {
    const subscriptions = subscriptionsOf(question).filter(
      ({ providerAccountId }) => providerAccountId === question.providerAccountId,
    );
    return Promise.resolve({ subscriptions });
  }

  @Answers(ReadSubscription)
  async subscription(question: ReadSubscription) {
    const all = subscriptionsOf(question);
    const subscription = all.find(({ subscriptionId }) => subscriptionId === question.subscriptionId);
    return Promise.resolve({ subscription });
  }

  @Answers(ChangeSubscription)
  async change(question: ChangeSubscription) {
    const { subscription } = await this.subscription(question as never);
    if (subscription) subscription.friendlyName = question.friendlyName ?? undefined;
    return { subscription };
  }

  @Answers(PlaceOrders)
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
        askedAt: new Date().toISOString(),
      };
      world.now.ordered.push(order);
      world.now.states.set(state.orderId, state);
      world.now.end(state, order, world.now.outcome);
      return state;
    });
    world.now.byKey.set(key, taken);
    return Promise.resolve({ orders: taken });
  }

  @Answers(ReadOrders)
  async orders({ orderIds }: ReadOrders) {
    return Promise.resolve({ orders: orderIds.flatMap((id) => world.now.states.get(id) ?? []) });
  }

  @Answers(ListInvoices)
  async invoices(question: ListInvoices) {
    return Promise.resolve({ invoices: own(world.now.invoices, question) });
  }

  @Answers(ReadInvoice)
  async invoice(question: ReadInvoice) {
    const all = own(world.now.invoices, question);
    return Promise.resolve({ invoice: all.find(({ invoiceId }) => invoiceId === question.invoiceId) });
  }

  @Answers(ListInvoiceLines)
  async lines({ invoiceId, kind }: ListInvoiceLines) {
    const lines = world.now.lines.filter((line) => line.kind === kind && line.invoiceId === invoiceId);
    return Promise.resolve({ lines });
  }

  @Answers(ListPrices)
  async prices({ type, timeline }: ListPrices) {
    const prices = world.now.prices.filter((price) => price.type === type && timeline === 'current');
    return Promise.resolve({ prices });
  }

  @Answers(ResolvePartNumber)
  async resolve({ questions }: ResolvePartNumber) {
    return Promise.resolve({ answers: questions.map((question) => world.now.resolve(question)) });
  }

  @Answers(NameProducts)
  async name({ products }: NameProducts) {
    world.now.named.push(products);
    return Promise.resolve({ names: products.map((product) => world.now.nameOf(product)) });
  }
}

@Module({ controllers: [Neighbours] })
class NeighboursModule {}

class OnlyMessaging extends Migration {
  override up(): void {
    for (const sql of messagingMigrationSql) this.addSql(sql);
  }
}

export const hashOf = (key: string): string => hash('sha256', key, 'hex');

/** Answers for the other services, and says events as connector-config, through a real outbox. */
export async function startNeighbours(env: Record<string, string>) {
  const fresh = await freshDatabase('neighbours');
  const database = { entities: [], migrations: [OnlyMessaging] };
  const options = { module: NeighboursModule, config: ServiceEnv, database, http: 'health-only' as const };
  const service = await createService(
    { service: 'connector-config', ...options },
    { ...env, DATABASE_URL: fresh.url },
  );
  await service.migrate();
  await service.listen();
  return {
    async say<T extends object>(contract: ContractClass<T>, data: T, facts: EventFacts): Promise<void> {
      const client = await service.get(Pool).connect();
      await client.query('begin');
      await emitMany(client, [event(contract, data, facts)]);
      await client.query('commit');
      client.release();
    },
    async stop() {
      await service.close();
      await fresh.drop();
    },
  };
}

/** The world the neighbours answer from, from now on. */
export function newWorld(): World {
  world.now = new World();
  return world.now;
}
