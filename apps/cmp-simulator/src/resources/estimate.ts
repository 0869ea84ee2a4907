import type { FastifyInstance } from 'fastify';
import { orderKinds } from '../rules/order-kinds.ts';
import { readOrderRequest } from '../orders/order-request.ts';
import { draftView } from '../orders/order-view.ts';

/** POST /orders/estimate: what an order would cost; the same refusals, nothing stored. */
export function estimate(app: FastifyInstance): void {
  app.post('/orders/estimate', ({ call, body }) => {
    const { world } = call.account;
    const request = readOrderRequest(body);
    return draftView(world.ground.currency, orderKinds[request.type].draft(world, request));
  });
}
