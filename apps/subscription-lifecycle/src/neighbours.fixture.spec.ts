import {
  OpenConnector,
  ResolvePartNumber,
  type OpenedConnector,
  type ResolvedPartNumbers,
} from '@isthmus/contracts';
import type { CmpClient, CmpProduct } from '@isthmus/cmp-client';
import { defaultAccounts } from '@isthmus/cmp-simulator';
import { Period } from '@isthmus/domain';
import { Answers, messagingMigrationSql } from '@isthmus/messaging';
import { createService, KeyRing, seal, ServiceEnv } from '@isthmus/service-kit';
import { freshDatabase, startNats } from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Controller, Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { runLifecycle, secretRing } from './lifecycle.fixture.spec.ts';

/** What the neighbours know; one run of the fixture at a time. */
const known = { apiUrl: '', products: [] as CmpProduct[] };

@Controller()
class Neighbours {
  constructor(private readonly ring: KeyRing) {}

  @Answers(OpenConnector)
  open({ tenantId, connectorId }: OpenConnector): Promise<OpenedConnector> {
    const { password, subscriptionKey, username, marketplace, accountId, currency, country } =
      defaultAccounts[0]!;
    const sealed = (field: string, value: string) =>
      seal(this.ring, value, { tenantId, connectorId, field, version: 1 });
    return Promise.resolve({
      connectorId,
      name: 'Ingram',
      status: 'active' as const,
      apiUrl: known.apiUrl,
      ...{ username, marketplace, accountId, currency, country },
      callLimit: { perMinute: null, perDay: null },
      sealed: {
        password: sealed('password', password),
        passwordVersion: 1,
        subscriptionKey: sealed('subscriptionKey', subscriptionKey),
        subscriptionKeyVersion: 1,
      },
    });
  }

  /** As the catalogue resolves: by mpn, where billing period and term agree. */
  @Answers(ResolvePartNumber)
  resolve({ questions }: ResolvePartNumber): Promise<ResolvedPartNumbers> {
    return Promise.resolve({
      answers: questions.map(({ partNumber, billingPeriod, term }) => {
        const [, vendor, ...mpn] = partNumber.split(':');
        const found = known.products.find(
          (product) =>
            product.vendor === vendor &&
            product.mpn === mpn.join(':') &&
            (!billingPeriod || billingPeriod === print(product.billingPeriod)) &&
            (!term || term === print(product.subscriptionPeriod)),
        );
        const common = { partNumber, candidates: [], candidateCount: 0, deciding: [], differs: [] };
        return found
          ? { ...common, outcome: 'resolved' as const, product: resolved(found) }
          : { ...common, outcome: 'unknown' as const, reason: 'No such product.' };
      }),
    });
  }
}

const print = (period: CmpProduct['billingPeriod']): string | undefined =>
  period && Period.print(period as Period);

function resolved(product: CmpProduct) {
  const [price] = product.prices;
  return {
    productId: randomUUID(),
    cmpProductId: product.id,
    vendor: product.vendor ?? '',
    mpn: product.mpn,
    name: product.name ?? '',
    billingPeriod: print(product.billingPeriod),
    term: print(product.subscriptionPeriod),
    minimum: Number(product.minimumQuantity ?? 1),
    maximum: Number(product.maximumQuantity ?? 300),
    unitPrice: price && { amount: price.amount, currency: price.currency },
    dependsOn: product.dependsOn.map(({ mpn, id }) => ({ mpn, id })),
  };
}

@Module({ controllers: [Neighbours] })
class NeighbourModule {}

class OnlyMessaging extends Migration {
  override up(): void {
    for (const sql of messagingMigrationSql) this.addSql(sql);
  }
}

/** The service with somebody who answers for connector-config and product-catalog, on a bus of their own. */
export async function runWithNeighbours(env: Record<string, string> = {}) {
  const nats = await startNats();
  const lifecycle = await runLifecycle({ NATS_URL: nats.url, ALLOW_PRIVATE_ADDRESSES: 'yes', ...env });
  const fresh = await freshDatabase('neighbours');

  const neighbours = await createService(
    {
      service: 'connector-config',
      module: NeighbourModule,
      config: ServiceEnv,
      database: { entities: [], migrations: [OnlyMessaging] },
      http: 'health-only',
    },
    {
      DATABASE_URL: fresh.url,
      NATS_URL: nats.url,
      SECRET_RING: secretRing,
      LOG_LEVEL: 'silent',
      PORT: '0',
      ...lifecycle.oidc,
    },
  );
  known.apiUrl = lifecycle.simulator.apiUrl;
  known.products = await allProducts(lifecycle.cmp);
  await neighbours.migrate();
  await neighbours.listen();
  return {
    ...lifecycle,
    /** What the catalogue knows; a spec may add to it. */
    catalogue: known.products,
    async stop() {
      await neighbours.close();
      await lifecycle.stop();
      await fresh.drop();
      await nats.stop();
    },
  };
}

async function allProducts(cmp: CmpClient): Promise<CmpProduct[]> {
  const { records } = await cmp.products.page({ limit: 500 });
  return records.flatMap((record) => (record.ok ? [record.value] : []));
}
