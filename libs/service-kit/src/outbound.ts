import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, type Dispatcher } from 'undici';

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
  // net.connect does not call `lookup` for a literal address, so that one is checked here.
  return agent.compose((dispatch) => (request, handler) => {
    const host = originHost(request.origin);
    if (isIP(host) !== 0 && !isPublicAddress(host)) throw new BlockedAddress(host, host);
    return dispatch(request, handler);
  });
}

function originHost(origin: string | URL | undefined): string {
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

export type OutboundUrlProblem =
  'not-a-url' | 'not-https' | 'credentials-in-url' | 'private-address' | 'fragment';

/**
 * What is wrong with a URL a user gave, before anything is sent to it; empty when nothing is.
 * Names are not resolved here: the dispatcher checks what they resolve to at each connection.
 */
export function checkOutboundUrl(
  url: string,
  { allowPrivate }: { allowPrivate: boolean },
): OutboundUrlProblem[] {
  if (!URL.canParse(url)) return ['not-a-url'];
  const { protocol, username, password, hostname, hash } = new URL(url);
  const problems: OutboundUrlProblem[] = [];
  if (protocol !== 'https:' && !(allowPrivate && protocol === 'http:')) problems.push('not-https');
  if (username || password) problems.push('credentials-in-url');
  if (hash) problems.push('fragment');
  if (!allowPrivate && isPrivateHost(hostname)) problems.push('private-address');
  return problems;
}

function isPrivateHost(hostname: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (isIP(host) !== 0) return !isPublicAddress(host);
  return host === 'localhost' || /\.(localhost|local|internal)$/.test(host);
}

/**
 * Whether an address belongs to the public internet. Addresses with another purpose do not: loopback, private, link-local
 * (used by cloud metadata services), unique-local, carrier NAT, multicast, documentation, reserved (IANA special-purpose
 * registries). An IPv6 address that wraps an IPv4 one is treated like that one.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast';
}

/** A user-given address points to a forbidden target. `code` is what an undici request rejects with (as `cause` of fetch). */
export class BlockedAddress extends Error {
  override readonly name = 'BlockedAddress';
  readonly code = 'ERR_BLOCKED_ADDRESS';
  constructor(
    readonly host: string,
    readonly address: string,
  ) {
    super(`${host} resolves to ${address}, which is not a public internet address. Use a public address.`);
  }
}
