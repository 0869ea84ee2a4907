import type { FastifyInstance } from 'fastify';
import { endEventStreams } from './sse.ts';

/**
 * Lets a server that closes finish what it has begun and nothing else: event streams end, and answers still to be sent
 * tell the client to let go of its connection, which would otherwise keep the server open until the client tires of it.
 */
export function closeGently(server: FastifyInstance): void {
  let closing = false;
  server.addHook('preClose', (done) => {
    closing = true;
    endEventStreams();
    done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done(null, payload);
  });
}
