import * as servers from '@isthmus/servers';
import type { RunningServer, ServerOptions } from '@isthmus/servers';

/** A nats-server of the spec's own; it ends with the spec at the latest. */
export const startNats = (options: ServerOptions = {}): Promise<RunningServer> =>
  servers.startNats({ tied: true, ...options });

/** A PostgreSQL of the spec's own; it ends with the spec at the latest. */
export const startPostgres = (options: ServerOptions = {}): Promise<RunningServer> =>
  servers.startPostgres({ tied: true, ...options });
