import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { applyFaults } from './control/apply-faults.ts';
import { openCall } from './open-call.ts';
import { customers } from './customers/customers.ts';
import { estimate, orders, validation } from './orders/orders.ts';
import { plans, products } from './catalogue/products.ts';
import { reports } from './reports/reports.ts';
import { resellers } from './customers/resellers.ts';
import { subscriptions } from './subscriptions/subscriptions.ts';
import { token } from './wire/tokens.ts';
import type { Simulator } from './simulator.ts';
import { CmpRefusal, frameworkError, platformError } from './wire/errors.ts';

const resources = [
  token,
  customers,
  products,
  subscriptions,
  estimate,
  orders,
  validation,
  reports,
  plans,
  resellers,
];

/** CMP itself, under `/marketplace/{region}`: any region is served. */
export function marketplace(simulator: Simulator) {
  return (scope: FastifyInstance, _options: object, done: () => void): void => {
    scope.decorateRequest('call');
    openCall(scope, simulator);
    applyFaults(scope, simulator);
    for (const resource of resources) resource(scope, simulator);
    scope.setErrorHandler((error: FastifyError | CmpRefusal, request, reply) =>
      answerError(simulator, error, request, reply),
    );
    scope.setNotFoundHandler((request, reply) => {
      const { entry, correlationId } = request.call;
      return reply
        .code(404)
        .send(frameworkError(404, 'Not Found', entry.path, correlationId, simulator.clock.now()));
    });
    done();
  };
}

function answerError(
  simulator: Simulator,
  error: FastifyError | CmpRefusal,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { entry, correlationId } = request.call;
  const now = simulator.clock.now();
  if (error instanceof CmpRefusal)
    return reply
      .code(error.status)
      .send(platformError(error.status, error.message, entry.path, correlationId, now));
  if (error.statusCode === 400)
    return reply.code(400).send(frameworkError(400, 'Bad Request', entry.path, correlationId, now));
  process.stderr.write(`cmp-simulator: ${request.method} ${entry.path} failed: ${error.stack}\n`);
  return reply
    .code(500)
    .send(platformError(500, `Simulator defect: ${error.message}`, entry.path, correlationId, now));
}
