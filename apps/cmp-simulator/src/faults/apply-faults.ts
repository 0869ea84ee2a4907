import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Simulator } from '../simulator.ts';
import { faultKinds } from './fault-kinds.ts';
import type { FaultContext, FaultKind, FaultResponse, Strike } from './fault.ts';

/** Lets armed faults strike the calls they wait for, at the four moments that a kind may use. */
export function applyFaults(scope: FastifyInstance, simulator: Simulator): void {
  const strikes = (request: FastifyRequest, reply: FastifyReply): { kind: FaultKind; strike: Strike }[] => {
    const { account, faults } = request.call;
    const context: FaultContext = { account, clock: simulator.clock, control: simulator };
    return faults.map(({ order }) => ({
      kind: faultKinds[order.kind],
      strike: { context, request, reply, parameters: order },
    }));
  };

  scope.addHook('preHandler', async (request, reply) => {
    request.call.faults = simulator.faults.strike(request.call, request.body);
    request.call.entry.faults = request.call.faults.map(({ order }) => order.kind);
    for (const { kind, strike } of strikes(request, reply)) {
      const response = await kind.before?.(strike);
      if (response) return prepare(reply, response).send(serialize(response));
    }
  });

  scope.addHook('preSerialization', async (request, reply, payload) => {
    let shaped: unknown = payload;
    if (reply.statusCode < 400)
      for (const { kind, strike } of strikes(request, reply))
        shaped = kind.reshape?.(strike, shaped) ?? shaped;
    return simulator.broken.spoil(request.call.account.options.marketplace, request.call.entry.path, shaped);
  });

  scope.addHook('onSend', async (request, reply, payload) => {
    let body = typeof payload === 'string' ? payload : '';
    for (const { kind, strike } of strikes(request, reply)) {
      const response = kind.instead?.(strike);
      if (!response) continue;
      prepare(reply, response);
      body = serialize(response);
    }
    for (const { kind, strike } of strikes(request, reply))
      if (await kind.send?.(strike, body)) return new Promise(() => {});
    return body;
  });
}

function prepare(reply: FastifyReply, { status, contentType, headers = {} }: FaultResponse): FastifyReply {
  return reply
    .code(status)
    .type(contentType ?? 'application/json; charset=utf-8')
    .headers(headers);
}

function serialize({ body }: FaultResponse): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}
