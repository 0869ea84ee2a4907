import { randomUUID } from 'node:crypto';
import type { PriceListItemV1, RatedLineV1 } from '@isthmus/contracts';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import {
  type Json,
  type RunningProvider,
  runRestProvider,
  type Work365,
} from '../../test/rest-provider.fixture.ts';
import {
  ConsumptionLine,
  Invoice,
  LicenseSummary,
  NonRecurringItemSummary,
} from '../billing/invoices.dto.ts';
import { PriceListItem } from '../billing/price-lists.controller.ts';
import { Customer } from '../customers/customers.dto.ts';
import { Subscription } from '../subscriptions/subscriptions.dto.ts';

/** A client that cannot take null for a number, a boolean or an enumeration, over records that lack whatever they may. */
let provider: RunningProvider;
let client: Work365;
const invoiceId = randomUUID();
let customerId: string;

beforeAll(async () => {
  provider = await runRestProvider();
  client = provider.client();
  const { world } = provider;
  const { tenantId, connectorId } = client;
  const account = world.account(tenantId, connectorId, { name: '' });
  customerId = account.providerAccountId;
  const bare = { mpn: '', vendor: '', productId: '', name: '', quantity: 2.5 };
  const unknown = { billingPeriod: undefined, term: undefined, creationDate: undefined };
  world.subscription(account, { lines: [bare], ...unknown });
  world.subscription(account, { lines: [], status: 'removed', ...unknown });
  world.subscription(account, { lines: [bare, { ...bare, mpn: 'OTHER' }], billingPeriod: 'P12M' });
  world.subscription(account, { status: 'on the moon' });
  const stamp = '2026-11-01T00:00:00Z';
  world.invoices.push({
    invoiceId,
    connectorId,
    number: 'INV-1',
    currency: 'USD',
    lineTotal: '1',
    balance: 'unchecked',
    lines: 3,
    unmatchedLines: 3,
    version: 1,
    createdAt: stamp,
    changedAt: stamp,
  });
  const line = (kind: RatedLineV1['kind'], more: Partial<RatedLineV1> = {}): RatedLineV1 => ({
    lineId: randomUUID(),
    invoiceId,
    kind,
    customerName: '',
    description: '',
    chargeType: '',
    quantity: '0',
    total: '-3.10',
    currency: 'USD',
    ...more,
  });
  world.lines.push(line('licence'), line('usage'), line('one-off'), line('usage', { invoiceId: undefined }));
  const price = (more: Partial<PriceListItemV1>): PriceListItemV1 => ({
    priceId: randomUUID(),
    type: 'licensebased',
    productId: randomUUID(),
    vendor: '',
    mpn: '',
    name: '',
    market: 'US',
    currency: 'USD',
    priceType: 'recurring',
    tierMin: 1,
    effectiveFrom: stamp,
    ...more,
  });
  world.prices.push(price({}), price({ cost: '1.5' }), price({ amount: '2' }));
  world.outcome = 'running';
  await client.call('POST', '/subscriptions', {
    partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001',
    quantity: 4,
    customer: { id: customerId },
  });
});
afterAll(() => provider?.stop());

it.each<[string, new () => object, number]>([
  ['/customers', Customer, 1],
  ['/customers/CUSTOMER/subscriptions', Subscription, 6],
  ['/invoices', Invoice, 1],
  [`/invoices/${invoiceId}/licensesummary`, LicenseSummary, 1],
  [`/invoices/${invoiceId}/nonrecurringitemsummary`, NonRecurringItemSummary, 1],
  [`/invoices/${invoiceId}/billedusages`, ConsumptionLine, 1],
  ['/unbilledusages', ConsumptionLine, 1],
  // One has no price at all: it is left out, as an unknown price is not 0.
  ['/pricelists/US/licensebased/current', PriceListItem, 2],
])('can read %s', async (path, type, count) => {
  const { status, body } = await client.call('GET', path.replace('CUSTOMER', customerId));
  expect([status, body.length]).toEqual([200, count]);
  for (const entity of body as Json[]) {
    expect(validateSync(plainToInstance(type, entity) as object)).toEqual([]);
    const nulls = Object.entries(entity).filter(([, value]) => value === null);
    expect(nulls.map(([name]) => name).filter((name) => numeric.test(name))).toEqual([]);
  }
});

const numeric =
  /^(quantity|price|unitPrice|erpPrice|retailPrice|total|totalCharges|tax|discount|paidAmount|autoRenew|status|billingType|billingCycleType|provisioningFrequency)$/;
