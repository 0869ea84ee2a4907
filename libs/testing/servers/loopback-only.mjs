// Loaded by every spec, and with `--import` by every process of Node that one starts with `spawnTied`: they connect to this
// machine only. Anything else fails at once, before a look-up or a packet leaves, and fails the test in which it was tried.
import dns from 'node:dns';
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const installed = Symbol.for('isthmus.loopback-only');
const reportVariable = 'LOOPBACK_ONLY_REPORT';
/** Where the processes that a spec starts write what they tried. */
const report = process.env[reportVariable] ?? join(tmpdir(), `isthmus-outside-${process.pid}`);
const isChild = process.env[reportVariable] !== undefined;

const loopback = new net.BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Servers of the test run, which a developer may have given. */
const servers = ['TEST_DATABASE_URL', 'TEST_NATS_URL'];
const given = new Set(
  servers
    .map((name) => process.env[name])
    .filter((url) => url && URL.canParse(url))
    .map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')),
);

const isLoopback = (address) =>
  given.has(address) || loopback.check(address, net.isIPv6(address) ? 'ipv6' : 'ipv4');
const isLocalName = (name) => given.has(name) || /^(.+\.)?localhost\.?$/i.test(name);
/** Reserved: it does not exist, which nobody has to be asked (RFC 6761). */
const isNoName = (name) => /\.invalid\.?$/i.test(name);

const noSuchName = (name) =>
  Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND', hostname: name });

/** What was tried, until `takeBlocked`. */
let blocked = [];

function refuse(what) {
  blocked.push(what);
  const message = `A test reaches this machine only; blocked: ${what}. Use a server on 127.0.0.1, or a look-up from a table.`;
  if (isChild) {
    appendFileSync(report, `${what}, by ${process.argv[1] ?? 'a program'}\n`);
    process.stderr.write(`${message}\n`);
  }
  return Object.assign(new Error(message), { code: 'ERR_LOOPBACK_ONLY' });
}

/** What this process and those that it started have tried since the last call. */
export function takeBlocked() {
  const taken = blocked;
  blocked = [];
  if (isChild || !existsSync(report)) return taken;
  const more = readFileSync(report, 'utf8').split('\n').filter(Boolean);
  rmSync(report, { force: true });
  return [...taken, ...more];
}

/**
 * The options of a process of Node that is to be guarded in the same way.
 * @template {{env?: Record<string, string | undefined>}} T
 * @param {T} options of `spawn`
 * @returns {T}
 */
function passedOn(options) {
  const env = options.env ?? process.env;
  const NODE_OPTIONS = [
    env.NODE_OPTIONS,
    env.NODE_OPTIONS?.includes(import.meta.url) ? '' : `--import=${import.meta.url}`,
  ]
    .filter(Boolean)
    .join(' ');
  const same = Object.fromEntries(servers.map((name) => [name, process.env[name]]));
  return { ...options, env: { ...same, ...env, NODE_OPTIONS, [reportVariable]: report } };
}

/** A look-up that gives only addresses of this machine, whatever the one it asks gives: such a table is the test's. */
const checkedLookup = (lookup) => (name, options, callback) =>
  lookup(name, options, (error, found, family) => {
    const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
    const outside = error ? undefined : addresses.find((address) => address && !isLoopback(address));
    if (outside) return callback(refuse(`a connection to ${outside} (${name})`));
    callback(error, found, family);
  });

function guardConnections() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    // net.connect hands over the arguments it has read, as one array.
    const read = Array.isArray(args[0]) ? args[0] : args;
    const [first, second] = read;
    const isObject = typeof first === 'object' && first !== null;
    const host = isObject ? first.host : second;
    if ((isObject && first.path) || (typeof first === 'string' && Number.isNaN(Number(first))))
      return connect.apply(this, args);
    if (typeof host === 'string' && net.isIP(host) !== 0 && !isLoopback(host)) {
      const error = refuse(`a connection to ${host}, port ${isObject ? first.port : first}`);
      process.nextTick(() => this.destroy(error));
      return this;
    }
    if (isObject && first.lookup) read[0] = { ...first, lookup: checkedLookup(first.lookup) };
    return connect.apply(this, args);
  };
}

function guardLookups() {
  const { lookup } = dns;
  const { lookup: lookupLater } = dns.promises;
  const problemWith = (name) => {
    if (!name || net.isIP(name) !== 0 || isLocalName(name)) return undefined;
    return isNoName(name) ? noSuchName(name) : refuse(`a look-up of ${name}`);
  };
  dns.lookup = function (name, ...more) {
    const problem = problemWith(name);
    if (!problem) return lookup.call(this, name, ...more);
    process.nextTick(more.at(-1), problem);
    return {};
  };
  dns.promises.lookup = async function (name, ...more) {
    const problem = problemWith(name);
    if (problem) throw problem;
    return lookupLater.call(this, name, ...more);
  };

  // These always ask a server, also for a local name.
  const problemAsking = (name) =>
    isLocalName(name) || isNoName(name) ? noSuchName(name) : refuse(`a DNS query for ${name}`);
  const asks = (object) =>
    Object.getOwnPropertyNames(object).filter((name) => /^(resolve|reverse$|lookupService$)/.test(name));
  for (const object of [dns, dns.Resolver.prototype])
    for (const name of asks(object))
      object[name] = (asked, ...more) => void process.nextTick(more.at(-1), problemAsking(asked));
  for (const object of [dns.promises, dns.promises.Resolver.prototype])
    for (const name of asks(object)) object[name] = (asked) => Promise.reject(problemAsking(asked));
}

if (!globalThis[installed]) {
  globalThis[installed] = passedOn;
  guardConnections();
  guardLookups();
  syncBuiltinESMExports();
}
