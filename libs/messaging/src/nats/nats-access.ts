import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, credsAuthenticator } from '@nats-io/nats-core';

/** How to reach NATS beyond its address, and how much of a cluster is there to keep what is stored. */
export interface NatsAccess {
  /** Certificates of who may have signed the server's; with it, the connection is encrypted or not made at all. */
  caFile?: string;
  /** A user's credentials, as `nsc` writes them. */
  credsFile?: string;
  /** Copies that a cluster keeps of each stream and bucket. Default 1. */
  replicas?: number;
}

type ServerOptions = Pick<ConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls' | 'authenticator'>;

/**
 * The client's options for an address, or several separated by commas: it takes no names and passwords in addresses, and `tls:` means
 * nothing to it.
 */
export function natsServers(addresses: string, { caFile, credsFile }: NatsAccess = {}): ServerOptions {
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
  };
}

/** The same without names and passwords, for a log. */
export const shownServers = (addresses: string): string => addresses.replace(/\/\/[^@/,]*@/g, '//');
