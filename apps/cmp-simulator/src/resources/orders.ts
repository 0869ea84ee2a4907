import type { FastifyInstance } from 'fastify';
import { orderKinds } from '../rules/order-kinds.ts';
import { moveOrder, type OrderState, statusWords } from '../orders/order.ts';
import { readOrderRequest } from '../orders/order-request.ts';
import { placeOrder } from '../rules/place-order.ts';
import type { Simulator } from '../simulator.ts';
import { CmpRefusal } from '../wire/errors.ts';
import { choiceParam, listing, sliceParams, textParam, timeParam } from '../wire/query.ts';
import type { Wire } from '../wire/simple-api.ts';
import type { World } from '../world/world.ts';
import { orderDetail, orderRow } from '../orders/order-view.ts';

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
    simulator.ledger.note({ at: new Date(world.now()).toISOString(), account, correlationId, body, order });
    return orderDetail(world.ground.currency, order);
  });

  app.get<ById>('/orders/:id', ({ call, params }) => {
    const { world } = call.account;
    return orderDetail(world.ground.currency, known(world, params.id));
  });

  app.patch<ById>('/orders/:id', ({ call, params, body }) => {
    const { world } = call.account;
    known(world, params.id);
    const order = world.orders.edit(params.id);
    const { creditCheck, statusCode } = (body ?? {}) as Wire<'OrderUpdate'>;
    if (statusCode !== undefined) withdraw(world, order, statusCode);
    if (creditCheck !== undefined) order.creditCheck = creditCheck;
    return orderDetail(world.ground.currency, order);
  });
}

function known(world: World, id: string): OrderState {
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
