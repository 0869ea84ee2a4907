import { randomUUID } from 'node:crypto';
import type { CmpClient, CmpProduct, CmpSubscriptionDetail } from '@isthmus/cmp-client';
import { defaultAccounts } from '@isthmus/cmp-simulator';
import {
  type AcceptedAgreementV1,
  credentialContext,
  OpenConnector,
  type OpenConnectorResponse,
  type ProviderAccountV1,
  ReadAcceptedAgreement,
  type ReadAcceptedAgreementResponse,
  ReadProviderAccount,
  type ReadProviderAccountResponse,
  type ResolvePartNumberResponse,
  ResolvePartNumber,
} from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import { RespondTo, messagingTablesSql } from '@isthmus/messaging';
import { createService, KeyRing, seal, ServiceEnv } from '@isthmus/service-kit';
import { serviceDatabase, standIn, startNats } from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Controller, Module } from '@nestjs/common';
import { runLifecycle, secretRing } from './lifecycle.fixture.ts';
import { mirrored } from './mirror.fixture.ts';

/** What the neighbours know; one run of the fixture at a time. */
const known = {
  apiUrl: '',
  products: [] as CmpProduct[],
  /** Part numbers that somebody mapped to a product. */
  mapped: new Map<string, CmpProduct>(),
  /** How often the catalogue was asked. */
  resolutions: 0,
  /** Of account-sync, by tenant and our id. */
  accounts: new Map<string, ProviderAccountV1>(),
  /** The Microsoft domain of accounts, by our id. */
  domains: new Map<
    string,
    { customDomain: string; customDomainSeen: boolean; customDomainConflicts?: string[] }
  >(),
  /** Agreements recorded by Work 365, by our id of the account. */
  agreements: new Map<string, AcceptedAgreementV1>(),
  partnerAttestation: undefined as OpenConnectorResponse['partnerAttestation'],
  status: 'active' as OpenConnectorResponse['status'],
};

@Controller()
class Neighbours {
  @RespondTo(OpenConnector)
  open({ tenantId, connectorId }: OpenConnector): Promise<OpenConnectorResponse> {
    const { password, subscriptionKey, username, marketplace, accountId, currency, country } =
      defaultAccounts[0]!;
    const context = { tenantId, connectorId, apiUrl: known.apiUrl, username };
    const sealed = (field: 'password' | 'subscriptionKey', value: string) =>
      seal(KeyRing.parse(secretRing), value, credentialContext(context, field, 1));
    return Promise.resolve({
      connectorId,
      name: 'Ingram',
      status: known.status,
      partnerAttestation: known.partnerAttestation,
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
  @RespondTo(ResolvePartNumber)
  resolve({ questions }: ResolvePartNumber): Promise<ResolvePartNumberResponse> {
    known.resolutions += 1;
    return Promise.resolve({
      answers: questions.map(({ partNumber, billingPeriod, term }) => {
        const mapped = known.mapped.get(partNumber);
        if (mapped) return mappedTo(mapped, { partNumber, billingPeriod, term });
        const [, vendor, ...mpn] = partNumber.split(':');
        const sold = known.products.filter(
          (product) => product.vendor === vendor && product.mpn === mpn.join(':'),
        );
        const fits = {
          billingPeriod: (product: CmpProduct) =>
            !billingPeriod || billingPeriod === print(product.billingPeriod),
          term: (product: CmpProduct) => !term || term === print(product.subscriptionPeriod),
        };
        const found = sold.find((product) => fits.billingPeriod(product) && fits.term(product));
        const common = { partNumber, candidates: [], candidateCount: 0, deciding: [], differs: [] };
        if (found) return { ...common, outcome: 'resolved' as const, product: resolved(found) };
        return {
          ...common,
          outcome: 'unknown' as const,
          candidates: sold.map(resolved),
          candidateCount: sold.length,
          deciding:
            sold.length > 0
              ? (['billingPeriod', 'term'] as const).filter((fact) => !sold.some(fits[fact]))
              : ['mapping' as const],
          reason: 'No such product.',
        };
      }),
    });
  }
}

/** As the catalogue answers for a mapping: it wins, and says in which facts the product is another than was asked for. */
function mappedTo(
  product: CmpProduct,
  question: { partNumber: string; billingPeriod?: string | undefined; term?: string | undefined },
) {
  const is = { billingPeriod: print(product.billingPeriod), term: print(product.subscriptionPeriod) };
  const differs = (['billingPeriod', 'term'] as const).filter(
    (fact) => question[fact] && is[fact] && question[fact] !== is[fact],
  );
  const { partNumber } = question;
  const common = { partNumber, candidates: [], candidateCount: 0, deciding: [], differs };
  return { ...common, outcome: 'resolved' as const, by: 'mapping' as const, product: resolved(product) };
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

@Controller()
class Accounts {
  @RespondTo(ReadProviderAccount)
  account({
    tenantId,
    connectorId,
    providerAccountId,
  }: ReadProviderAccount): Promise<ReadProviderAccountResponse> {
    const account = known.accounts.get(`${tenantId} ${providerAccountId}`);
    if (account || !known.domains.has(providerAccountId)) return Promise.resolve({ account });
    return Promise.resolve({
      account: {
        providerAccountId,
        connectorId: connectorId ?? randomUUID(),
        cmpAccountId: '1',
        name: 'Fabrikam',
        status: 'active',
        asOf: new Date().toISOString(),
        ...known.domains.get(providerAccountId),
      },
    });
  }
}

@Controller()
class Agreements {
  @RespondTo(ReadAcceptedAgreement)
  agreement({ providerAccountId }: ReadAcceptedAgreement): Promise<ReadAcceptedAgreementResponse> {
    return Promise.resolve({ agreement: known.agreements.get(providerAccountId) });
  }
}

@Module({ controllers: [Neighbours, Accounts, Agreements] })
class NeighbourModule {}

class OnlyMessaging extends Migration {
  override up(): void {
    for (const sql of messagingTablesSql) this.addSql(sql);
  }
}

/** The service with somebody who answers for connector-config and product-catalog, on a bus of their own. */
export async function runWithNeighbours(env: Record<string, string> = {}) {
  const nats = await startNats();
  const lifecycle = await runLifecycle({ NATS_URL: nats.url, ALLOW_PRIVATE_ADDRESSES: 'yes', ...env });
  const options = {
    service: 'connector-config',
    module: NeighbourModule,
    config: ServiceEnv,
    database: { entities: [], migrations: [OnlyMessaging] },
  };
  const fresh = await serviceDatabase(options);

  const neighbours = await createService(
    { ...options, http: 'health-only' },
    {
      ...fresh.env,
      NATS_URL: nats.url,
      ...(await standIn(nats.url)),
      LOG_LEVEL: 'silent',
      PORT: '0',
      ...lifecycle.oidc,
    },
  );
  known.mapped.clear();
  known.domains.clear();
  known.agreements.clear();
  Object.assign(known, { partnerAttestation: undefined, status: 'active' });
  known.apiUrl = lifecycle.simulator.apiUrl;
  known.products = await allProducts(lifecycle.cmp);
  await neighbours.listen();
  return {
    ...lifecycle,
    /** What the catalogue knows; a spec may add to it. */
    catalogue: known.products,
    /** What account-sync has, by tenant and our id. */
    accountsAtOwner: known.accounts,
    /** What the neighbours know beside it; a spec may change it. */
    known,
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

/** Microsoft 365 Business Premium, an annual term billed monthly: 22.00 USD a seat. */
export const premium = 'CFQ7TTC0LCHC:0002';

/** The service before a simulated CMP and a catalogue, with one customer to quote and order for. */
export async function runQuoting(env: Record<string, string> = {}) {
  const lifecycle = await runWithNeighbours(env);
  const mirror = mirrored(lifecycle);
  const { records } = await lifecycle.cmp.customers.page({ limit: 1 });
  const cmpAccountId = records.flatMap((record) => (record.ok ? [record.value.id] : []))[0]!;
  const providerAccountId = await mirror.account(cmpAccountId, 'FABRIKAM');
  await mirror.contract('FABRIKAM', true);
  const product = await premiumOf(lifecycle.cmp);
  let domains = 0;
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    lifecycle.call('POST', path, body, headers);

  return {
    ...lifecycle,
    mirror,
    product,
    cmpAccountId,
    providerAccountId,
    quote: (body: object) => post('/v1/quotes', body),
    place: (body: object, key: string = randomUUID()) => post('/v1/orders', body, { 'idempotency-key': key }),
    /** The command to buy seats of it for a tenant of its own. */
    purchase: (seats = 5) => ({
      kind: 'create',
      providerAccountId,
      partNumber: `INGRAM:MICROSOFT:${premium}`,
      billingPeriod: 'P1M',
      term: 'P1Y',
      seats,
      parameters: [{ name: 'microsoft_domain', value: `quoted${(domains += 1)}.onmicrosoft.com` }],
    }),
    /** The command to buy something that needs something else, which CMP then adds. */
    addOn: (seats: number) => ({
      kind: 'create',
      providerAccountId,
      partNumber: 'INGRAM:ACRONIS:ACR-CP-100G',
      seats,
    }),
    /** A subscription bought just now in CMP's panel, as the mirror tells of it; answers its id. */
    async bought(quantity: number): Promise<string> {
      const bought = await lifecycle.simulator.control.buySubscription({
        customerId: cmpAccountId,
        product: product.id,
        quantity,
      });
      const at = await lifecycle.cmp.subscriptions.get(String(bought.id));
      return mirror.subscription({
        cmpSubscriptionId: at.id,
        cmpAccountId,
        creationDate: at.creationDate,
        renewalDate: at.renewalDate,
        billingPeriod: at.billingPeriod as never,
        term: at.subscriptionPeriod as never,
        lines: linesOf(at),
        asOf: new Date().toISOString(),
      });
    },
  };
}

const linesOf = ({ products }: CmpSubscriptionDetail) =>
  products.map(({ mpn, vendor = '', id = '', name = '', quantity, unitPrice }) => {
    return { mpn, vendor, productId: id, name, quantity, unitPrice };
  });

type Cmp = Awaited<ReturnType<typeof runWithNeighbours>>['cmp'];
async function premiumOf(cmp: Cmp): Promise<CmpProduct> {
  const { records } = await cmp.products.page({ mpn: premium, limit: 20 });
  const found = records
    .flatMap((record) => (record.ok ? [record.value] : []))
    .find(
      ({ billingPeriod, subscriptionPeriod: term }) =>
        billingPeriod?.type === 'month' && term?.type === 'year' && term.duration === 1,
    );
  if (!found) throw new Error(`CMP has no ${premium} with an annual term, billed monthly.`);
  return found;
}
