import type { FastifyInstance } from 'fastify';
import { problemOfStatus } from './known-problems.ts';

/** A worker may share its module with the API of its service but serves none of it. */
export function answerHealthOnly(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const { url = '' } = request.routeOptions;
    if (url.startsWith('/healthz/') || url === '/metrics') return done();
    done(
      problemOfStatus(404, 'This is a worker; it answers /healthz/live, /healthz/ready and /metrics only.'),
    );
  });
}
