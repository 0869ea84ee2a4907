import { ReadProviderAccount, type ResolvedProductV1, ResolvePartNumber } from '@isthmus/contracts';
import { Money, Period } from '@isthmus/domain';
import { RequestClient, RequestLimit, isUnreachable } from '@isthmus/messaging';
import { invalidInput, requireVersion, TenantStore } from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import { findAccount } from '../../accounts/account.store.ts';
import { readTenantRules, SubscriptionLifecycleEnv } from '../../config.ts';
import { type OrderBasis, requestedTerms, subscriptionBasis } from '../../quotes/estimate.ts';
import { type ChangeRules, factsForOptions } from '../../subscriptions/rules/options.ts';
import { unsupported } from '../../subscriptions/rules/product-line.ts';
import type { SubscriptionRow } from '../../subscriptions/subscription.entity.ts';
import { findLine, leadingLine, type SubscriptionLine } from '../../subscriptions/subscription.ts';
import { type OrderSituation, readForOrder } from '../order-queries.store.ts';
import {
  AccountNotFound,
  attestationNeeded,
  OrderRefused,
  TenantParametersRefused,
} from '../order.errors.ts';
import { type CreateSpec, type OrderParameter, type OrderReason, type OrderSpec, reason } from '../order.ts';
import { tenantParameterErrors, type TenantRules } from './microsoft-parameters.ts';
import type { PurchaseParameters, PurchaseQuestion } from './purchase-parameters.ts';
import { type Buyer, PurchaseSources } from './purchase-sources.service.ts';
import {
  describePeriod,
  type OrderCommand,
  requestedPeriod,
  requireTerms,
  specForChange,
  unresolvedFields,
} from './order-command.ts';

/** Maximum time that a command waits for the catalogue; without its response, CMP decides about minimum and maximum. */
const deadlineMs = 2_000;

/** How long the catalogue's limits are remembered: it learns of changes by a daily sync, and CMP decides in the end. */
const rememberedMs = 10_000;
/** Lines whose limits are remembered; customers have the same few products. */
const rememberedLines = 1_000;

/** Collects further limits for a change of a line: the settings, and what the catalogue knows about its product. */
@Injectable()
export class ChangeRulesSource {
  /** The rules that follow from the settings alone. */
  readonly settings: ChangeRules;
  readonly #remembered = new Map<string, { rules: ChangeRules; until: number }>();

  constructor(
    private readonly requests: RequestClient,
    { EXTENDED_TERM_PRODUCTS }: SubscriptionLifecycleEnv,
  ) {
    this.settings = { extendedTermProducts: EXTENDED_TERM_PRODUCTS.split(',').map((name) => name.trim()) };
  }

  /** The rules of a line that were asked for a moment ago. */
  known(row: SubscriptionRow, line: SubscriptionLine | undefined): ChangeRules | undefined {
    if (!line) return this.settings;
    const remembered = this.#remembered.get(rulesKey(row, line));
    return remembered && remembered.until > Date.now() ? remembered.rules : undefined;
  }

  /** Never fails: if the catalogue does not know the product or is unreachable, there are no limits. */
  async line(row: SubscriptionRow, line: SubscriptionLine | undefined): Promise<ChangeRules> {
    if (!line) return this.settings;
    const rules = await this.#ask(row, line);
    const oldest =
      this.#remembered.size >= rememberedLines ? this.#remembered.keys().next().value : undefined;
    if (oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(rulesKey(row, line), { rules, until: Date.now() + rememberedMs });
    return rules;
  }

  async #ask(
    { tenantId, connectorId, state }: SubscriptionRow,
    line: SubscriptionLine,
  ): Promise<ChangeRules> {
    const { billingPeriod, term } = state;
    const question = {
      partNumber: `INGRAM:${line.vendor}:${line.mpn}`,
      billingPeriod: billingPeriod ? Period.print(billingPeriod) : undefined,
      term: term ? Period.print(term) : undefined,
    };
    try {
      const requested = { tenantId, connectorId, questions: [question] };
      const { answers } = await this.requests.request(ResolvePartNumber, requested, {
        deadlineMs,
        waitForService: false,
      });
      const { product, candidates = [] } = answers[0] ?? {};
      const found = [...(product ? [product] : []), ...candidates];
      const own = found.find(({ cmpProductId }) => cmpProductId === line.cmpProductId) ?? product;
      if (!own || (own.cmpProductId && line.cmpProductId && own.cmpProductId !== line.cmpProductId))
        return this.settings;
      return { ...this.settings, minimumSeats: own.minimum, maximumSeats: own.maximum };
    } catch {
      return this.settings;
    }
  }
}

const rulesKey = (
  { tenantId, connectorId, state: { billingPeriod, term } }: SubscriptionRow,
  { vendor, mpn, cmpProductId }: SubscriptionLine,
): string => JSON.stringify([tenantId, connectorId, vendor, mpn, cmpProductId, billingPeriod, term]);

/** A command in the form in which it is sent to CMP. */
export interface ResolvedOrder {
  spec: OrderSpec;
  connectorId: string;
  /** Ours; null for a purchase. */
  subscriptionId: string | null;
  /** The basis from which a quote computes prices and windows. */
  basis: OrderBasis;
  /** What the requester should know before ordering. */
  warnings: OrderReason[];
  /** Read together with the subscription; absent for a purchase, and if time has passed since, because the catalogue was asked. */
  situation?: OrderSituation;
}

/** Determines what a command means at CMP, and refuses what is known to be impossible. Stores nothing, sends nothing to CMP. */
@Injectable()
export class OrderResolver {
  readonly #tenantRules: TenantRules;
  readonly #sources: PurchaseSources;

  constructor(
    private readonly store: TenantStore,
    private readonly requests: RequestClient,
    private readonly rules: ChangeRulesSource,
    env: SubscriptionLifecycleEnv,
  ) {
    this.#tenantRules = readTenantRules(env);
    this.#sources = new PurchaseSources(store, requests, this.#tenantRules);
  }

  /**
   * @param version of the subscription that the command is based on; any, if left out
   * @param rememberLimits whether limits that the catalogue named a moment ago suffice
   * @throws OrderRefused, TenantParametersRefused, SubscriptionNotFound, AccountNotFound; Problem 412 if another version is
   * current; `AskTimedOut` and the like if the catalogue is unreachable
   */
  async resolve(
    tenantId: string,
    command: OrderCommand,
    { version, rememberLimits = false }: { version?: number | undefined; rememberLimits?: boolean } = {},
  ): Promise<ResolvedOrder> {
    if (command.kind === 'create') return this.#purchase(tenantId, command);
    if (command.partNumber !== undefined)
      throw invalidInput([
        {
          field: 'partNumber',
          message: `is for purchases; a ${command.kind} concerns a product that the subscription has. Leave it out, or specify the line by mpn`,
        },
      ]);
    const { subscription: row, situation } = await this.store.read(tenantId, (em) =>
      readForOrder(em, tenantId, command.subscriptionId!),
    );
    if (version !== undefined) requireVersion(version, row.version);
    const line =
      command.kind === 'change-quantity' ? findLine(row.state, command.mpn, command.cmpProductId) : undefined;
    const known = rememberLimits || !line ? this.rules.known(row, line) : undefined;
    if (known) return { ...this.#change(command, row, known), situation };
    return this.#change(command, row, await this.rules.line(row, line));
  }

  /**
   * What would be filled in if this was bought without parameters, and what is known beside it.
   * @throws AccountNotFound, OrderRefused
   */
  async parametersOf(tenantId: string, command: PurchaseQuestion): Promise<PurchaseParameters> {
    const { buyer, product } = await findPurchase(command, this.store, tenantId, this.requests);
    const filled = await this.#sources.fill(buyer, product, [], { everything: true });
    return { buyer, product, filled, rules: this.#tenantRules };
  }

  async #purchase(tenantId: string, command: OrderCommand): Promise<ResolvedOrder> {
    const { seats = 0 } = command;
    const found = await findPurchase(command, this.store, tenantId, this.requests);
    const { buyer, product, warnings } = found;
    const { minimum = 1, maximum = Infinity, unitPrice, dependsOn } = product;
    if (seats < minimum || seats > maximum)
      throw new OrderRefused(
        'quantity-out-of-range',
        `${product.name} can be bought with ${minimum} to ${maximum} seats, not with ${seats}.`,
        'Order a number of seats within the limits.',
      );
    const spec: CreateSpec = {
      kind: 'create',
      cmpAccountId: buyer.cmpAccountId,
      seats,
      parameters: await this.#parameters(command, found),
      product: {
        vendor: product.vendor,
        mpn: product.mpn,
        cmpProductId: product.cmpProductId,
        name: product.name,
        // If the catalogue has no value, the requested one is used: CMP has to agree with it before anything is sent.
        billingPeriod: product.billingPeriod
          ? Period.parse(product.billingPeriod)
          : requestedPeriod(command.billingPeriod),
        term: product.term ? Period.parse(product.term) : requestedPeriod(command.term),
      },
    };
    const basis: OrderBasis = {
      unitPrice: unitPrice ? Money.of(unitPrice.amount, unitPrice.currency) : null,
      dependsOn,
      subscription: null,
    };
    return { spec, connectorId: buyer.connectorId, subscriptionId: null, basis, warnings };
  }

  /** Those that were given, and what else the product needs. */
  async #parameters(command: OrderCommand, { buyer, product }: Purchase): Promise<OrderParameter[]> {
    const given = (command.parameters ?? []).map((parameter) => ({ ...parameter }));
    const { microsoftTenant: tenant } = command;
    const { added, lacksAttestation } = await this.#sources.fill(buyer, product, given, { tenant });
    if (lacksAttestation) throw attestationNeeded(buyer.connectorId);
    const parameters = [...given, ...added.map(({ parameter }) => parameter)];
    const wrong = tenantParameterErrors(product, parameters, this.#tenantRules, Date.now());
    if (wrong.length > 0) throw new TenantParametersRefused(wrong);
    return parameters;
  }

  #change(command: OrderCommand, row: SubscriptionRow, rules: ChangeRules): ResolvedOrder {
    const { state, name, connectorId, id: subscriptionId } = row;
    const { extended } = factsForOptions(state, { mpn: '', name, ...leadingLine(state) }, undefined, rules);
    const spec = specForChange(command, row, Date.now(), 'reject', rules);
    const basis = { ...subscriptionBasis(state), extended };
    requireTerms(
      command,
      { ...requestedTerms(spec, basis), name: 'one' },
      `subscription ${name}`,
      'Leave term and billing period out, or specify those of the subscription: an order cannot change them.',
    );
    return { spec, connectorId, subscriptionId, basis, warnings: [] };
  }
}

/** A purchase whose customer and product are known; nothing else is decided. */
interface Purchase {
  buyer: Buyer;
  product: ResolvedProductV1;
  warnings: OrderReason[];
}

/**
 * For whom and what a purchase is: the part number has to resolve to exactly one product, with the requested term and billing
 * period.
 * @throws AccountNotFound, OrderRefused
 */
async function findPurchase(
  command: Pick<OrderCommand, 'providerAccountId' | 'partNumber' | 'billingPeriod' | 'term'>,
  store: TenantStore,
  tenantId: string,
  requests: RequestClient,
): Promise<Purchase> {
  const { providerAccountId = '' } = command;
  const known = await store.read(tenantId, (em) => findAccount(em, tenantId, providerAccountId));
  const account = known ?? (await accountAtOwner(requests, tenantId, providerAccountId));
  if (!account) throw new AccountNotFound(providerAccountId);
  const { connectorId, cmpAccountId } = account;
  if (known?.removed)
    throw new OrderRefused(
      'connector-removed',
      'The connector of the account was removed.',
      'Create the connector again for the same CMP account, then order.',
    );
  const { product, warnings } = await resolveProduct(command, tenantId, connectorId, requests);
  const refusal = unsupported('create', product);
  if (refusal) throw new OrderRefused(refusal.code, refusal.detail, refusal.nextStep);
  return { buyer: { tenantId, connectorId, providerAccountId, cmpAccountId }, product, warnings };
}

async function resolveProduct(
  { partNumber = '', billingPeriod, term }: Pick<OrderCommand, 'partNumber' | 'billingPeriod' | 'term'>,
  tenantId: string,
  connectorId: string,
  requests: RequestClient,
): Promise<{ product: ResolvedProductV1; warnings: OrderReason[] }> {
  const questions = [{ partNumber, billingPeriod, term }];
  const { answers } = await requests.request(ResolvePartNumber, { tenantId, connectorId, questions });
  const [answer] = answers;
  const { product, reason: why, differs = [] } = answer ?? {};
  if (!product)
    throw new OrderRefused(
      'part-number-not-resolved',
      why ?? `${partNumber} does not resolve to exactly one product.`,
      'Specify billing period and term, or map the part number to a product.',
      undefined,
      answer && unresolvedFields({ term, billingPeriod }, answer),
    );
  const actual = {
    name: product.name || product.mpn,
    term: product.term ?? null,
    billingPeriod: product.billingPeriod ?? null,
  };
  requireTerms(
    { term, billingPeriod },
    actual,
    `part number ${partNumber}`,
    'Order it with its own term and billing period, use the part number of the intended product, or map this one to it.',
    differs,
  );
  const unknown = (['term', 'billingPeriod'] as const).filter(
    (fact) => actual[fact] === null && { term, billingPeriod }[fact] !== undefined,
  );
  const warnings = unknown.map((fact) =>
    reason(
      'term-not-known',
      `CMP's catalogue does not state the ${fact === 'term' ? 'term' : 'billing period'} of ${actual.name}; whether it is ${describePeriod({ term, billingPeriod }[fact]!)} cannot be checked.`,
      "Check the product in CMP's control panel before ordering it.",
    ),
  );
  return { product, warnings };
}

const limit = new RequestLimit();
const accountDeadlineMs = 1_000;

/**
 * A provider account that is not known here, as account-sync has it: one that was just listed can be ordered for although
 * its event has not arrived yet. Undefined if account-sync has no such live account, cannot be reached, or was queried too
 * often for this tenant.
 */
async function accountAtOwner(
  requests: RequestClient,
  tenantId: string,
  providerAccountId: string,
): Promise<{ connectorId: string; cmpAccountId: string; removed: false } | undefined> {
  if (!limit.take(tenantId)) return undefined;
  try {
    const question = { tenantId, providerAccountId };
    const { account } = await requests.request(ReadProviderAccount, question, {
      deadlineMs: accountDeadlineMs,
    });
    if (!account || account.goneAt !== undefined) return undefined;
    return { connectorId: account.connectorId, cmpAccountId: account.cmpAccountId, removed: false };
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw error;
  }
}
