import Fastify, { type FastifyInstance } from 'fastify';
import { type Control, controlOf } from './control/control-client.ts';
import { controlRoutes } from './control/control-routes.ts';
import { marketplace } from './marketplace.ts';
import { blobStore } from './reports/reports.ts';
import type { SimulatorOptions } from './simulator-options.ts';
import { Simulator } from './simulator.ts';

/** A simulator that listens. */
export interface RunningSimulator {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** What to configure as the base address of the API: `{url}/marketplace/na`. */
  apiUrl: string;
  control: Control;
  app: FastifyInstance;
  /** Ends it and all its connections. */
  close(): Promise<void>;
}

/** Builds the worlds and listens; resolves once it takes calls. The first account's world is built now, others when first used. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const simulator = new Simulator(options);
  simulator.account().world.now();
  const app = buildApp(simulator);
  const url = await app.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' });
  return { url, apiUrl: `${url}/marketplace/na`, control: controlOf(url), app, close: () => app.close() };
}

/** The HTTP side of a simulator: the marketplace, the store its reports are downloaded from, and the control calls. */
export function buildApp(simulator: Simulator): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: 4 * 1024 * 1024 });
  app.removeAllContentTypeParsers();
  // Regardless of the content type, a body is JSON or empty.
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
