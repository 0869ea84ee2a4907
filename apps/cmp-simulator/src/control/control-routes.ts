import type { FastifyError, FastifyInstance } from 'fastify';
import type { Simulator } from '../simulator.ts';
import { CmpRefusal } from '../wire/errors.ts';
import { faultRoutes } from './fault-routes.ts';
import { portalRoutes } from './portal-routes.ts';
import { recordRoutes } from './record-routes.ts';
import { reportRoutes } from './report-routes.ts';
import { worldRoutes } from './world-routes.ts';

/** `/_control`: what CMP does not have. No credentials; never expose it where the marketplace is exposed. */
export function controlRoutes(simulator: Simulator) {
  return (scope: FastifyInstance, _options: object, done: () => void): void => {
    for (const routes of [worldRoutes, faultRoutes, recordRoutes, portalRoutes, reportRoutes])
      routes(scope, simulator);
    scope.setErrorHandler((error: FastifyError, _request, reply) => {
      const status =
        error instanceof RangeError ? 400 : error instanceof CmpRefusal ? 409 : (error.statusCode ?? 500);
      return reply.code(status).send({ error: error.message });
    });
    done();
  };
}
