import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemOfStatus } from './known-problems.ts';
import type { ProblemSender } from './send-problem.ts';

/** Tells a wrong address (404) from a wrong method at a right one (405 with `Allow`). */
export function answerUnknownRoutes(
  server: FastifyInstance,
  send: ProblemSender,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const routes: { methods: string[]; pattern: RegExp }[] = [];
  server.addHook('onRoute', ({ method, url }) => {
    routes.push({ methods: [method].flat(), pattern: patternOf(url) });
  });
  return (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = [
      ...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods)),
    ];
    if (methods.length === 0) {
      send(
        problemOfStatus(404, `There is nothing at ${path}; GET /openapi.json lists what there is.`),
        request,
        reply,
      );
      return;
    }
    void reply.header('allow', methods.join(', '));
    send(problemOfStatus(405, `${path} answers ${methods.join(', ')}.`), request, reply);
  };
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) =>
      part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('/');
  return new RegExp(`^${source}/?$`);
}
