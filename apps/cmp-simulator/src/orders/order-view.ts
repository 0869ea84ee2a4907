import { isoDay, isoSecond, money, type Parameter, type Wire } from '../wire/simple-api.ts';
import type { OrderDraft, OrderLine, OrderState } from './order.ts';

const day = 86_400_000;

type Line = Omit<Wire<'OrderLineProduct'>, 'parameters'> & { parameters?: Parameter[] };
/** The detail of an order, or an estimate, which has no status; parameter values are strings, although the schema differs. */
export type OrderAnswer = Omit<Wire<'OrderDetailed'>, 'products' | 'status'> & {
  status?: OrderState['status'];
  products?: Line[];
};

/** A row of a listing: no purchase order number, no products, no prices. */
export function orderRow(order: OrderState): Wire<'Order'> {
  return {
    id: order.id,
    orderNumber: order.number,
    type: order.type,
    customerId: order.customerId,
    status: order.status,
    statusCode: order.statusCode,
    creationDate: isoSecond(order.createdAt),
    ...(order.provisionedAt === undefined ? {} : { provisioningDate: isoSecond(order.provisionedAt) }),
  };
}

/** Everything CMP shows of one order; renewals and cancellations have neither products nor details. */
export function orderDetail(currency: string, order: OrderState): OrderAnswer {
  return { ...orderRow(order), creditCheck: order.creditCheck, ...draftView(currency, order) };
}

/** The priced content of an order, which an estimate returns as well. */
export function draftView(currency: string, draft: OrderDraft): OrderAnswer {
  return {
    type: draft.type,
    customerId: draft.customerId,
    ...(draft.subscriptionId ? { subscriptionId: draft.subscriptionId } : {}),
    ...(draft.poNumber ? { poNumber: draft.poNumber } : {}),
    attributes: draft.attributes,
    ...(draft.scheduledOn ? { scheduledOn: draft.scheduledOn } : {}),
    total: money(currency, draft.totalCents),
    ...(draft.lines.length > 0
      ? {
          products: draft.lines.map((line) => lineView(currency, line)),
          details: draft.lines.map((line) => detailView(currency, line)),
        }
      : {}),
  };
}

function lineView(
  currency: string,
  { item, quantity, amountCents, subscriptionId, parameters }: OrderLine,
): Line {
  return {
    mpn: item.mpn,
    vendor: item.vendor,
    id: item.id,
    name: item.name,
    quantity,
    billingPeriod: item.billing,
    subscriptionPeriod: item.term,
    extendedPrice: money(currency, amountCents),
    ...(subscriptionId ? { subscriptionId } : {}),
    ...(parameters?.length ? { parameters } : {}),
  };
}

function detailView(
  currency: string,
  { item, quantity, amountCents, from, until, charge }: OrderLine,
): Wire<'OrderDetail'> {
  const { type, duration } = item.billing;
  return {
    type: charge ?? (amountCents < 0 ? 'recurringRefund' : 'recurring'),
    mpn: item.mpn,
    productId: item.id,
    duration: { type, duration },
    description: `${item.name} Recurring (${duration} ${type === 'year' ? 'Year' : 'Month'}(s) term) from ${isoDay(from)} through ${isoDay(until - day)}`,
    quantity,
    unitPrice: money(currency, item.priceCents),
    extendedPrice: money(currency, amountCents),
    taxAmount: { currency, amount: '0.0' },
  };
}
