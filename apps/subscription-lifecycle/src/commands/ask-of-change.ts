import { decreaseRefusal, type DecreaseRefusal } from '../domain/nce/decrease-refusal.ts';
import { optionsFor, type Option } from '../domain/nce/options.ts';
import { productLineOf } from '../domain/nce/product-line.ts';
import { lotsOfLine } from '../domain/nce/seat-lots.ts';
import { unsupported } from '../domain/nce/supported.ts';
import type { OrderAsk } from '../domain/order/order-ask.ts';
import { periodAsked } from '../domain/order/order-terms.ts';
import { noSuchLine, OrderRefused, type RefusalCode } from '../domain/order-refused.error.ts';
import { factsForOptions } from '../domain/subscription/facts-for-options.ts';
import { leadingLine, lineOf } from '../domain/subscription/line-of.ts';
import type { SubscriptionLine } from '../domain/subscription/subscription-record.ts';
import type { PlaceOrder } from '../http/place-order.dto.ts';
import type { SubscriptionRow } from '../persistence/subscription-row.ts';

/**
 * What an order about a subscription means at CMP; refuses what is known to be impossible before CMP is asked.
 * @param whatIsSo an order for the seats there are already is refused, or else settles without anything being sent, which
 * is right where orders ahead of it may change them yet
 */
export function askOfChange(
  order: PlaceOrder,
  row: SubscriptionRow,
  now: number,
  whatIsSo: 'refuse' | 'order' = 'refuse',
): OrderAsk {
  const { cmpAccountId, cmpSubscriptionId } = row;
  const of = { cmpAccountId, cmpSubscriptionId };
  const line = lineOf(row.state, order.mpn, order.cmpProductId);
  const product = productOf(order.kind === 'change-quantity' ? line : leadingLine(row.state), row.name);
  const operation = order.kind === 'create' ? 'change-quantity' : order.kind;
  const refusal = unsupported(operation, product);
  if (refusal) throw new OrderRefused(refusal.code, refusal.detail, refusal.nextStep);
  const options = optionsFor(factsForOptions(row.state, product), [], now);
  switch (order.kind) {
    case 'cancel':
      require(options.cancel);
      return { kind: 'cancel', ...of };
    case 'renewal-setting':
      require(options.renewalSetting);
      return { kind: 'renewal-setting', ...of, autoRenew: order.autoRenew ?? false };
    default:
      return changeOfQuantity(order, row, line, now, options, whatIsSo);
  }
}

function changeOfQuantity(
  { seats = 0, when = 'now', mpn: named, cmpProductId: productNamed, ...asked }: PlaceOrder,
  { cmpAccountId, cmpSubscriptionId, name, state }: SubscriptionRow,
  line: SubscriptionLine | undefined,
  now: number,
  options: ReturnType<typeof optionsFor>,
  whatIsSo: 'refuse' | 'order',
): OrderAsk {
  if (!line) throw noSuchLine(name, state.lines ?? [], named, productNamed);
  require(when === 'renewal' ? options.decreaseAtRenewal : options.increase);
  if (whatIsSo === 'refuse' && when === 'now' && seats === line.seats)
    throw new OrderRefused(
      'nothing-to-change',
      `${name} has ${seats} seats already.`,
      'Ask for another total.',
    );
  if (when === 'now' && seats < line.seats && state.lots && productLineOf(line) === 'nce') {
    const why = decreaseRefusal(lotsOfLine(state.lots, line), seats, now);
    if (why) throw new OrderRefused(why.code, why.detail, why.nextStep, offerOf(why));
  }
  const { vendor, mpn, cmpProductId, name: productName } = line;
  return {
    kind: 'change-quantity',
    cmpAccountId,
    cmpSubscriptionId,
    seats,
    when,
    product: {
      vendor,
      mpn,
      cmpProductId: cmpProductId || undefined,
      name: productName,
      // What is not known here is what was asked for: CMP has to agree with it before anything is sent.
      billingPeriod: state.billingPeriod ?? periodAsked(asked.billingPeriod),
      term: state.term ?? periodAsked(asked.term),
    },
  };
}

const offerOf = ({ seatsNow, until, atRenewal }: DecreaseRefusal) => ({
  seatsNow,
  until: until === null ? null : new Date(until).toISOString(),
  atRenewal,
});

const productOf = (line: SubscriptionLine | undefined, name: string) => ({
  mpn: line?.mpn ?? '',
  name: line?.name ?? name,
  vendor: line?.vendor,
});

function require({ allowed, code, detail = '', nextStep = '' }: Option): void {
  if (!allowed) throw new OrderRefused(code as RefusalCode, detail, nextStep);
}
