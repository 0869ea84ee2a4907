import { randomUUID } from 'node:crypto';
import type {
  AgreedSubscriptionV1,
  ApiKeyHolder,
  CommandedOrderV1,
  InvoiceV1,
  OrderOutcome,
  OrderStateV1,
  PartNumberQuestionV1,
  PartNumberResolutionV1,
  PriceListItemV1,
  ProductNameV1,
  ProductToNameV1,
  ProviderAccountV1,
  RatedLineV1,
} from '@isthmus/contracts';

/** Whose an account is. */
export const owners = new Map<string, string>();

/** What the neighbours answer from. */
export class World {
  readonly keys = new Map<string, ApiKeyHolder>();
  accounts: ProviderAccountV1[] = [];
  subscriptions: AgreedSubscriptionV1[] = [];
  invoices: InvoiceV1[] = [];
  lines: RatedLineV1[] = [];
  prices: PriceListItemV1[] = [];
  /** What was commanded, in the order it was taken over. */
  ordered: CommandedOrderV1[] = [];
  readonly states = new Map<string, OrderStateV1>();
  readonly byKey = new Map<string, OrderStateV1[]>();
  /** How orders end that are taken over from now on. */
  outcome: OrderOutcome = 'settled';
  /** Whether a bought subscription is known to subscription-lifecycle at once. */
  mirrored = true;
  /** What is sold under every part number that has no alias: billing period and term. */
  sold: [billingPeriod: string, term: string][] = [];
  /** Part numbers of one product each, by what that is: billing period and term. */
  readonly aliases = new Map<string, [billingPeriod: string, term: string]>();
  /** What names were asked for, by round trip. */
  named: ProductToNameV1[][] = [];
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
  resolve({ partNumber, billingPeriod, term }: PartNumberQuestionV1): PartNumberResolutionV1 {
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

  nameOf({ vendor, mpn, billingPeriod, term, orderedAs }: ProductToNameV1): ProductNameV1 {
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

  /** Carries out what was commanded, or not, as it was to end. */
  end(state: OrderStateV1, order: CommandedOrderV1, outcome: OrderOutcome): void {
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
