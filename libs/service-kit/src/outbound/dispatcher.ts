import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { BlockedAddress } from './outbound.errors.ts';
import { isPublicAddress } from './public-address.ts';

export interface OutboundOptions {
  /** Only for a local machine (`ALLOW_PRIVATE_ADDRESSES=yes`). */
  allowPrivateAddresses: boolean;
  connectTimeoutMs?: number;
  /** Connections per origin; undici's default is unlimited. */
  connections?: number;
  /** Name resolution; the system's unless a test gives another. */
  lookup?: typeof dnsLookup;
}

/**
 * An undici dispatcher for addresses that users give. Every address a name resolves to is checked and only checked ones
 * are connected to, so a name cannot change between check and use. It does not follow redirects.
 * Requests to a forbidden address reject with `code: 'ERR_BLOCKED_ADDRESS'`.
 */
export function outboundDispatcher(options: OutboundOptions): Dispatcher {
  const { allowPrivateAddresses, connectTimeoutMs = 10_000, connections, lookup = dnsLookup } = options;
  const agent = new Agent({
    connections: connections ?? null,
    connect: { timeout: connectTimeoutMs, lookup: allowPrivateAddresses ? undefined : checkedLookup(lookup) },
  });
  if (allowPrivateAddresses) return agent;
  // net.connect never asks `lookup` about a literal address, so that one is checked here.
  return agent.compose((dispatch) => (request, handler) => {
    const host = hostOf(request.origin);
    if (isIP(host) !== 0 && !isPublicAddress(host)) throw new BlockedAddress(host, host);
    return dispatch(request, handler);
  });
}

function hostOf(origin: string | URL | undefined): string {
  if (origin === undefined) return '';
  return new URL(origin).hostname.replace(/^\[|\]$/g, '');
}

function checkedLookup(lookup: typeof dnsLookup): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const blocked = addresses.find(({ address }) => !isPublicAddress(address));
      if (blocked) return callback(new BlockedAddress(hostname, blocked.address), '', 0);
      if (options.all)
        return (callback as unknown as (e: null, all: LookupAddress[]) => void)(null, addresses);
      const first = addresses[0];
      if (!first)
        return callback(Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' }), '', 0);
      callback(null, first.address, first.family);
    });
  };
}
