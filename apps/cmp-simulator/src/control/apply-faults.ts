import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Simulator } from '../simulator.ts';
import { faultKinds } from './faults/fault-kinds.ts';
import type { Answer, FaultKind, Strike } from './faults/fault-kind.ts';

/** Lets armed faults strike the calls they wait for, at the four moments that a kind may use. */
export function applyFaults(scope: FastifyInstance, simulator: Simulator): void {
  const strikes = (request: FastifyRequest, reply: FastifyReply): { kind: FaultKind; strike: Strike }[] =>
    request.call.faults.map(({ order }) => ({
      kind: faultKinds[order.kind],
      strike: { simulator, request, reply, parameters: order },
    }));

  scope.addHook('preHandler', async (request, reply) => {
    request.call.faults = simulator.faults.strike(request.call, request.body);
    request.call.entry.faults = request.call.faults.map(({ order }) => order.kind);
    for (const { kind, strike } of strikes(request, reply)) {
      const answer = await kind.before?.(strike);
      if (answer) return answerWith(reply, answer).send(bodyOf(answer));
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
      const answer = kind.instead?.(strike);
      if (!answer) continue;
      answerWith(reply, answer);
      body = bodyOf(answer);
    }
    for (const { kind, strike } of strikes(request, reply))
      if (await kind.send?.(strike, body)) return new Promise(() => {});
    return body;
  });
}

function answerWith(reply: FastifyReply, { status, contentType, headers = {} }: Answer): FastifyReply {
  return reply
    .code(status)
    .type(contentType ?? 'application/json; charset=utf-8')
    .headers(headers);
}

function bodyOf(answer: Answer): string {
  return typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
}
