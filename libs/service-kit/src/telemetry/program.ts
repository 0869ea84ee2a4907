import { AsyncLocalStorage } from 'node:async_hooks';
import type { Resource } from '@opentelemetry/resources';
import type { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Logger } from 'pino';

/** By what a program is told from others that run in the same process: its name in traces, its metrics, its log. */
export interface Program {
  resource: Resource;
  meters: MeterProvider;
  log: Logger;
}

const running = new AsyncLocalStorage<Program>();

/** Runs `work` as a part of the program, and so everything that it starts: loops, servers, connections. */
export const asProgram = <T>(program: Program, work: () => T): T => running.run(program, work);

/** Whose code is running; undefined outside of all programs, as in a spec. */
export const currentProgram = (): Program | undefined => running.getStore();
