import type {
  CallOptions,
  CmpOrderEstimate,
  CmpOrderRequest,
  CmpParameterValidation,
  CmpSubscriptionDetail,
} from '@isthmus/cmp-client';
import { Decimal, type Money } from '@isthmus/domain';
import { changesAtOnce, lossReason, type LostChange } from '../../scheduled-changes/scheduled-change.ts';
import { classifyProduct } from '../../subscriptions/rules/product-line.ts';
import { decreaseRefusal, lotsForLine, type SeatLot } from '../../subscriptions/rules/seat-lots.ts';
import { recordAttestation } from '../order.errors.ts';
import { type Acceptance, type CreateSpec, type OrderParameter, type OrderRecord, reason } from '../order.ts';
import { acceptedAttestation, attestationParameter } from '../resolving/microsoft-parameters.ts';
import { otherTerms } from '../resolving/order-command.ts';
import {
  acceptanceNeeded,
  type CmpOrdering,
  type CmpSigns,
  isProduct,
  missingEffect,
} from './order-at-cmp.ts';
import type { StepOutcome } from './step-outcomes.ts';

/** The data read from CMP before sending. */
export interface CheckInputs {
  /** Absent for a purchase. */
  subscription?: CmpSubscriptionDetail;
  /** Absent for a cancellation and a renewal setting, which cost nothing more. */
  estimate?: CmpOrderEstimate;
  /** CMP's estimate of the order's cost, even if no price limit was set. */
  expected?: Money | undefined;
  /** CMP's objections to the parameters of a purchase, unmodified. */
  parameterErrors?: string[];
  /** CMP requires the partner-of-record attestation, and none is recorded for the connector. */
  attestationMissing?: boolean;
  connectorId?: string;
  /** The customer has to accept something before CMP accepts the parameters. */
  acceptance?: Acceptance | null;
  /** The parameters of the purchase, including those that CMP required. */
  parameters?: OrderParameter[];
  /** Absent when it is unknown when the seats were added; CMP decides then. */
  lots?: readonly SeatLot[] | null;
  /** Changes that CMP holds for the renewal of the subscription, and would drop. */
  kept?: readonly LostChange[] | null | undefined;
}

type Verdict = Extract<
  StepOutcome,
  { observed: 'checks-passed' | 'already-so' | 'checks-refused' | 'acceptance-needed' }
>;

/**
 * Decides whether the order may be sent in the current state, from everything that can be known without ordering. `now` is the
 * time before the facts were read.
 */
export function evaluateChecks(order: OrderRecord, facts: CheckInputs, now: number): Verdict {
  const { spec } = order;
  const { subscription } = facts;
  if (subscription && subscription.customerId !== spec.cmpAccountId)
    return refused(
      'subscription-transferred',
      `Subscription ${subscription.id} belongs to account ${subscription.customerId} now; the order is for account ${spec.cmpAccountId}.`,
      'Place a new order if the new customer needs it; the subscription moves here with the next sync.',
    );
  if (subscription && spec.kind !== 'create' && !scheduled(order)) {
    if (missingEffect(spec, subscription) === null)
      return {
        observed: 'already-so',
        detail: `Subscription ${subscription.id} already has the requested state.`,
      };
  }
  if (subscription && subscription.status !== 'active')
    return refused(
      'subscription-not-active',
      `Subscription ${subscription.id} is ${subscription.status}.`,
      'Only active subscriptions can be changed.',
    );
  const seatsBefore = seatsIn(order, subscription);
  return (
    parameters(facts) ??
    productVerdict(order, facts) ??
    price(order, facts.estimate) ??
    windowVerdict(order, facts, seatsBefore, now) ??
    lossVerdict(order, facts) ?? {
      observed: 'checks-passed',
      seatsBefore,
      since: now,
      estimated: facts.expected,
      parameters: facts.parameters,
    }
  );
}

/** Since the command, the subscription may have been upgraded, or CMP may identify the product as another one. */
function productVerdict({ spec }: OrderRecord, { subscription, estimate }: CheckInputs): Verdict | null {
  if (spec.kind !== 'create' && spec.kind !== 'change-quantity') return null;
  const { product } = spec;
  const name = product.name ?? product.mpn;
  const line = estimate?.products.find((one) => isProduct(one, product));
  const estimated = line && otherTerms(product, line);
  if (estimated)
    return refused(
      'term-differs',
      `CMP would order ${name} with ${estimated}.`,
      'Sync the catalogue and quote the order again; nothing was ordered.',
    );
  if (spec.kind === 'create' || !subscription) return null;
  const lines = subscription.products;
  if (lines.length > 0 && !lines.some((one) => isProduct(one, product)))
    return refused(
      'product-differs',
      `Subscription ${subscription.id} no longer has a line of ${name} (${product.mpn}). It has ${lines.map(({ mpn, name: title }) => `${mpn} (${title ?? '?'})`).join(', ')}.`,
      'Sync the subscription and order the change for the product that it has.',
    );
  const other = otherTerms(product, subscription);
  if (!other) return null;
  return refused(
    'term-differs',
    `Subscription ${subscription.id} now has ${other}.`,
    'Sync the subscription, check its term and price, and order the change again.',
  );
}

const scheduled = ({ spec }: OrderRecord): boolean =>
  spec.kind === 'change-quantity' && spec.when === 'renewal';

const refused = (code: string, detail: string, nextStep: string): Verdict => ({
  observed: 'checks-refused',
  reason: reason(code, detail, nextStep),
});

function seatsIn({ spec }: OrderRecord, subscription: CmpSubscriptionDetail | undefined): number | null {
  if (spec.kind !== 'change-quantity') return null;
  return subscription?.products.find((product) => isProduct(product, spec.product))?.quantity ?? null;
}

function parameters(facts: CheckInputs): Verdict | null {
  const { parameterErrors = [], attestationMissing, connectorId = '' } = facts;
  if (attestationMissing)
    return refused(
      'attestation-needed',
      `CMP requires the partner-of-record attestation, which is not recorded for connector ${connectorId}: ${parameterErrors.join('; ')}.`,
      recordAttestation(connectorId),
    );
  if (facts.acceptance) return { observed: 'acceptance-needed', acceptance: facts.acceptance };
  if (parameterErrors.length === 0) return null;
  return refused(
    'parameters-refused',
    `CMP does not accept the parameters: ${parameterErrors.join('; ')}.`,
    'Fix the parameters and order again.',
  );
}

function price(order: OrderRecord, estimate: CmpOrderEstimate | undefined): Verdict | null {
  if (!estimate) return null;
  const { extraProducts, highestTotal } = order.consent;
  const requested =
    order.spec.kind === 'create' || order.spec.kind === 'change-quantity' ? order.spec.product : null;
  const extra = estimate.products
    .filter((line) => requested && !isProduct(line, requested))
    .map(({ mpn = '?' }) => mpn);
  const unasked = extraProducts === 'any' ? [] : extra.filter((mpn) => !extraProducts.includes(mpn));
  if (unasked.length > 0)
    return refused(
      'consent-needed',
      `CMP would add products that were not ordered: ${unasked.join(', ')}.`,
      'Quote the order again and agree to the additional products.',
    );
  const { total, unread } = estimate;
  if (highestTotal && !total && unread?.length)
    return refused(
      'price-unreadable',
      `CMP's estimate of the price cannot be read (${unread[0]!.field}: ${unread[0]!.reason}), and the order must not cost more than ${highestTotal.amount} ${highestTotal.currency}.`,
      'Look up the price in the CMP control panel; order without a highest total, or wait until CMP states the price again.',
    );
  if (!highestTotal || !total) return null;
  const above =
    total.currency !== highestTotal.currency || Decimal.compare(total.amount, highestTotal.amount) > 0;
  if (!above) return null;
  return refused(
    'price-above-tolerance',
    `The order would cost ${total.amount} ${total.currency}, more than the agreed ${highestTotal.amount} ${highestTotal.currency}.`,
    'Quote the order again and agree to the new price.',
  );
}

/** The command was already checked for this, but something may have been scheduled since. */
function lossVerdict(order: OrderRecord, { kept }: CheckInputs): Verdict | null {
  if (!kept || order.consent.dropScheduledChanges || !changesAtOnce(order)) return null;
  const why = lossReason(kept);
  return why && { observed: 'checks-refused', reason: why };
}

function windowVerdict(
  { spec }: OrderRecord,
  { lots }: CheckInputs,
  seatsBefore: number | null,
  now: number,
): Verdict | null {
  if (spec.kind !== 'change-quantity' || spec.when !== 'now' || !lots || seatsBefore === null) return null;
  if (classifyProduct(spec.product) !== 'nce' || spec.extendedTerm || spec.seats >= seatsBefore) return null;
  const why = decreaseRefusal(lotsForLine(lots, spec.product), spec.seats, now);
  return why && refused(why.code, why.detail, why.nextStep);
}

/** CMP's validation of the parameters of a purchase. */
interface ValidatedParameters {
  /** CMP's objections, unmodified; empty if it accepts them. */
  objections: string[];
  /** Includes those added because CMP required them. */
  parameters: OrderParameter[];
  /** CMP requires the partner-of-record attestation, and none is recorded. */
  attestationMissing: boolean;
  /** The customer has to accept something first. */
  acceptance: Acceptance | null;
}

/**
 * Has CMP validate the parameters of a purchase. The partner-of-record attestation is added if CMP requires it and it is recorded
 * for the connector; one provided by a user is not changed.
 */
export async function validateParameters(
  cmp: Pick<CmpOrdering, 'parameters' | 'partnerAttestation'>,
  spec: CreateSpec,
  request: CmpOrderRequest,
  signs: CmpSigns,
  options?: CallOptions,
): Promise<ValidatedParameters> {
  const { customerId, products = [] } = request;
  const none = { objections: [], parameters: spec.parameters, attestationMissing: false, acceptance: null };
  if (spec.parameters.length === 0 && !/^microsoft/i.test(spec.product.vendor.trim())) return none;
  const validate = (parameters: OrderParameter[]) =>
    cmp.parameters.validate(
      { customerId, type: 'sales', products: products.map((line) => ({ ...line, parameters })) },
      options,
    );
  let { parameters } = spec;
  let verdicts = await validate(parameters);
  const lacking =
    objected(verdicts).some(({ name }) => name === attestationParameter) &&
    !parameters.some(({ name }) => name === attestationParameter);
  if (lacking && cmp.partnerAttestation) {
    parameters = [...parameters, acceptedAttestation];
    verdicts = await validate(parameters);
  }
  return {
    objections: objected(verdicts).map(
      ({ name, message, valueError }) => `${name}: ${valueError ?? message ?? 'refused'}`,
    ),
    parameters,
    attestationMissing: lacking && !cmp.partnerAttestation,
    acceptance: acceptanceNeeded(verdicts, signs),
  };
}

const objected = (verdicts: readonly CmpParameterValidation[]) =>
  verdicts.flatMap(({ parameters }) => parameters).filter(({ result }) => result === 'error');
