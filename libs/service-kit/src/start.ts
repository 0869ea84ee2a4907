import type { ServiceEnv } from './service-env.ts';
import type { ServiceOptions } from './service-options.ts';

/**
 * The whole of a service's `main.ts`: `serve` (default), `migrate` (run the migrations and end) or `openapi` (print the
 * API document; needs no server), by the first argument of the command line.
 */
export declare function start<E extends ServiceEnv>(options: ServiceOptions<E>): Promise<void>;
