import { randomUUID } from 'node:crypto';
import type { CmpProduct, CmpSubscriptionDetail } from '@isthmus/cmp-client';
import { mirrored } from './mirrored.fixture.spec.ts';
import { runWithNeighbours } from './neighbours.fixture.spec.ts';

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
