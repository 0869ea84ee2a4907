import Fastify, { type FastifyInstance } from 'fastify';
import { controlRoutes } from './control/control-routes.ts';
import { marketplace } from './marketplace.ts';
import { blobStore } from './reports/reports.ts';
import type { Simulator } from './simulator.ts';

/** The HTTP side of a simulator: the marketplace, the store its reports are downloaded from, and the control calls. */
export function buildApp(simulator: Simulator): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: 4 * 1024 * 1024 });
  app.removeAllContentTypeParsers();
  // Whatever the content type says, a body is JSON or nothing.
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(body as string));
    } catch (cause) {
      done(Object.assign(new Error('The body is not JSON.', { cause }), { statusCode: 400 }));
    }
  });
  void app.register(marketplace(simulator), { prefix: '/marketplace/:region' });
  void app.register(blobStore(simulator), { prefix: '/_blob' });
  void app.register(controlRoutes(simulator), { prefix: '/_control' });
  return app;
}
