import type { FastifyInstance } from 'fastify';
import type { Simulator } from '../simulator.ts';
import { CmpRefusal } from '../wire/errors.ts';
import { choiceParam, listing, sliceParams, textParam, timeParam } from '../wire/query.ts';
import { isoDay, isoSecond, money, type Parameter, type Wire } from '../wire/simple-api.ts';
import { guid } from '../world/random.ts';
import type { World } from '../world/world.ts';
import { orderKinds, placeOrder } from './order-course.ts';
import { orderingCustomer, resolveProduct } from './order-kind.ts';
import { type LineRequest, readOrderRequest } from './order-request.ts';
import { moveOrder, type OrderDraft, type OrderLine, type OrderState, statusWords } from './order.ts';
import { checkParameters, type ParameterVerdict } from './purchase-parameters.ts';

type ById = { Params: { id: string } };
const statuses = ['submitted', 'processing', 'error', 'completed', 'cancelled'];

/** A page of orders, without their lines. */
export function orderPage(world: World, query: unknown) {
  const slice = sliceParams(query);
  const { rows, total } = world.orders.list(slice, {
    customerId: textParam(query, 'customerId'),
    subscriptionId: textParam(query, 'subscriptionId'),
    orderNumber: textParam(query, 'orderNumber'),
    status: choiceParam(query, 'status', statuses),
    statusCode: textParam(query, 'statusCode'),
    createdFrom: timeParam(query, 'creationTimeFrom'),
    createdTo: timeParam(query, 'creationTimeTo'),
  });
  return listing(slice, total, rows.map(orderRow));
}

/** GET and POST /orders, GET and PATCH /orders/{id}. */
export function orders(app: FastifyInstance, simulator: Simulator): void {
  app.get('/orders', ({ call, query }) => orderPage(call.account.world, query));

  app.post('/orders', ({ call, body }) => {
    const { account, correlationId, placement } = call;
    const { world } = account;
    const order = placeOrder(world, readOrderRequest(body), placement);
    simulator.ledger.record({ at: new Date(world.now()).toISOString(), account, correlationId, body, order });
    return orderDetail(world.ground.currency, order);
  });

  app.get<ById>('/orders/:id', ({ call, params }) => {
    const { world } = call.account;
    return orderDetail(world.ground.currency, requireOrder(world, params.id));
  });

  app.patch<ById>('/orders/:id', ({ call, params, body }) => {
    const { world } = call.account;
    requireOrder(world, params.id);
    const order = world.orders.edit(params.id);
    const { creditCheck, statusCode } = (body ?? {}) as Wire<'OrderUpdate'>;
    if (statusCode !== undefined) withdraw(world, order, statusCode);
    if (creditCheck !== undefined) order.creditCheck = creditCheck;
    return orderDetail(world.ground.currency, order);
  });
}

function requireOrder(world: World, id: string): OrderState {
  const found = world.orders.find(id);
  if (!found) throw new CmpRefusal(404, `Order #${id} is not found.`);
  return found;
}

/** Withdraws an order that has not begun, or one that waits for a renewal. */
function withdraw(world: World, order: OrderState, statusCode: string): void {
  if (statusCode !== 'CL')
    throw new CmpRefusal(400, `Status code ${statusCode} cannot be set. Supported: CL.`);
  if (order.status !== 'submitted' && order.statusCode !== 'AS')
    throw new CmpRefusal(
      world.ground.quirks.refusalStatus,
      `Cannot cancel Order #${order.number}: it is in status ${statusWords[order.statusCode]}.`,
    );
  moveOrder(order, 'withdraw');
  orderKinds[order.type].abandon?.(world, order);
}

/** POST /orders/estimate: what an order would cost; the same refusals, nothing stored. */
export function estimate(app: FastifyInstance): void {
  app.post('/orders/estimate', ({ call, body }) => {
    const { world } = call.account;
    const request = readOrderRequest(body);
    return draftView(world.ground.currency, orderKinds[request.type].draft(world, request));
  });
}

type Posted = Wire<'ParameterValidationRequest'>;

/**
 * POST /validation/parameters: validates the parameters of each product without ordering it. The response also contains
 * missing parameters with their allowed values, so this also shows what a product needs.
 */
export function validation(app: FastifyInstance): void {
  app.post('/validation/parameters', ({ call, body }) => {
    const { world } = call.account;
    const { customerId, products } = (body ?? {}) as Partial<Posted>;
    if (!customerId || !Array.isArray(products))
      throw new CmpRefusal(400, 'customerId and products must be specified.');
    const customer = orderingCustomer(world, String(customerId));
    const data = products.map((product): Wire<'ParameterValidationResult'> => {
      const parameters = product.parameters ?? [];
      const item = resolveProduct(world, {
        ...product,
        quantity: product.quantity ?? 1,
        parameters,
      } as LineRequest);
      return {
        id: item.id,
        mpn: item.mpn,
        vendor: item.vendor,
        billingPeriod: item.billing,
        subscriptionPeriod: item.term,
        draftRequestId: product.draftRequestId || guid(world.random),
        parameters: checkParameters(world, customer.id, item, parameters).map(verdictView),
      };
    });
    return listing({ offset: 0, limit: Math.max(1, data.length) }, data.length, data);
  });
}

function verdictView({
  name,
  result,
  message,
  value,
  choices,
  structured_value,
}: ParameterVerdict): Wire<'Parameter'> {
  return {
    name,
    result,
    message,
    ...(value === undefined ? {} : { value }),
    ...(result === 'error' ? { valueError: message } : {}),
    valueChoices: choices,
    phase: 'ordering',
    reconciliation: false,
    type: choices.length > 0 ? 'dropdown' : structured_value ? 'object' : 'text',
    ...(structured_value ? { structured_value: structured_value as Record<string, never> } : {}),
  };
}

const day = 86_400_000;

type Line = Omit<Wire<'OrderLineProduct'>, 'parameters'> & { parameters?: Parameter[] };
/** The detail of an order, or an estimate, which has no status; parameter values are strings, although the schema differs. */
export type OrderAnswer = Omit<Wire<'OrderDetailed'>, 'products' | 'status'> & {
  status?: OrderState['status'];
  products?: Line[];
};

/** A row of a listing: no purchase order number, no products, no prices. */
function orderRow(order: OrderState): Wire<'Order'> {
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
function draftView(currency: string, draft: OrderDraft): OrderAnswer {
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
