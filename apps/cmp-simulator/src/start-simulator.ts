import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import { controlOf, type Control } from './control/control-client.ts';
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

/** Builds the worlds and listens; answers once calls are taken. The first account's world is built now, others when first used. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const simulator = new Simulator(options);
  simulator.account().world.now();
  const app = buildApp(simulator);
  const url = await app.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' });
  return { url, apiUrl: `${url}/marketplace/na`, control: controlOf(url), app, close: () => app.close() };
}
