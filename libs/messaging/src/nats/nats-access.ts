import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, credsAuthenticator } from '@nats-io/transport-node';
import type { NatsKey } from './nats-key.ts';

/** How to connect to NATS, besides its address, and how many replicas its cluster keeps of what is stored. */
export interface NatsAccess {
  /** The user's key; absent for a server that lets anybody in, or that knows users by other credentials. */
  key?: NatsKey;
  /** Certificates of the authorities that may sign the server's certificate; if set, the connection is encrypted or fails. */
  caFile?: string;
  /** File with a user's credentials, as written by `nsc`; used if there is no key. */
  credsFile?: string;
  /** JetStream replicas of each stream and bucket. Default 1. */
  replicas?: number;
}

type ServerOptions = Pick<ConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls' | 'authenticator'>;

/**
 * The client's options for one address, or several separated by commas. The client itself accepts no user names and passwords in
 * addresses, and ignores `tls:`.
 */
export function natsServers(addresses: string, { key, caFile, credsFile }: NatsAccess = {}): ServerOptions {
  const urls = addresses.split(',').map((address) => new URL(address.trim()));
  const [{ username, password }] = urls as [URL];
  // The client compares a certificate with no address; Node would then ask for one for `localhost`.
  const host = urls.length === 1 && isIP(urls[0]!.hostname) ? { host: urls[0]!.hostname } : {};
  const encrypted = caFile !== undefined || urls.some(({ protocol }) => protocol === 'tls:');
  return {
    servers: urls.map(({ host }) => host),
    ...(password && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
    ...(username && !password && { token: decodeURIComponent(username) }),
    ...(encrypted && { tls: { ...host, ...(caFile && { caFile }) } }),
    // Read at each attempt: credentials are renewed while the service runs.
    ...(credsFile && { authenticator: credsAuthenticator(() => readFileSync(credsFile)) }),
    ...(key && { authenticator: key.authenticator }),
  };
}

/** The addresses without user names and passwords, for logs. */
export const shownServers = (addresses: string): string => addresses.replace(/\/\/[^@/,]*@/g, '//');
