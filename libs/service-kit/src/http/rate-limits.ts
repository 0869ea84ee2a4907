import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { ServiceEnv } from '../config.ts';
import { Problem } from './problem.ts';

const windowSeconds = 60;

/** A number of requests in a window; nothing is counted if `quota` is 0. */
interface Policy {
  /** Name in the headers and in the problem. */
  name: 'address' | 'caller' | 'tenant' | 'failures';
  /** The source of the requests, for the message. */
  whose: string;
  quota: number;
  limiter: RateLimiterMemory;
}

type Settings = Pick<
  ServiceEnv,
  'RATE_LIMIT_PER_ADDRESS' | 'RATE_LIMIT_PER_CALLER' | 'RATE_LIMIT_PER_TENANT' | 'AUTH_FAILURES_PER_ADDRESS'
>;

/**
 * Limits how many requests come from an address, a caller (a user, or an API key) and a tenant, and how often an address may
 * present invalid credentials. Counted in the memory of each process (docs/decisions/0121). The remaining requests are stated
 * with every response (draft-ietf-httpapi-ratelimit-headers).
 */
export class RateLimits {
  readonly #address;
  readonly #caller;
  readonly #tenant;
  readonly #failures;

  constructor(settings: Settings) {
    this.#address = policy('address', 'from this address', settings.RATE_LIMIT_PER_ADDRESS);
    this.#caller = policy('caller', 'by this caller', settings.RATE_LIMIT_PER_CALLER);
    this.#tenant = policy('tenant', 'by this tenant', settings.RATE_LIMIT_PER_TENANT);
    this.#failures = policy(
      'failures',
      'with wrong credentials from this address',
      settings.AUTH_FAILURES_PER_ADDRESS,
    );
  }

  /** Counts every request before anything else is done for it. The platform's probes are not counted. */
  limitAddresses(server: FastifyInstance): void {
    server.addHook('onRequest', async (request, reply) => {
      const { url = '' } = request.routeOptions;
      if (url.startsWith('/healthz/') || url === '/metrics') return;
      await spend(reply, [[this.#address, addressOf(request)]]);
    });
  }

  /**
   * Counts a request whose caller is known.
   * @throws Problem 429
   */
  async spendFor(reply: FastifyReply, { tenantId, subject }: Caller): Promise<void> {
    await spend(reply, [
      [this.#caller, `${tenantId} ${subject}`],
      [this.#tenant, tenantId],
    ]);
  }

  /**
   * Must be called before unverified credentials are checked: after too many invalid attempts, the caller does not learn whether
   * the next ones are valid, and checking them costs nothing.
   * @throws Problem 429
   */
  async refuseGuessing(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { quota, limiter } = this.#failures;
    if (quota === 0) return;
    const failed = await limiter.get(addressOf(request));
    if (failed && failed.consumedPoints >= quota) throw tooMany(reply, [this.#failures], failed.msBeforeNext);
  }

  /** Wrong credentials came from there. */
  async recordFailure(request: FastifyRequest): Promise<void> {
    if (this.#failures.quota > 0) await this.#failures.limiter.penalty(addressOf(request));
  }
}

interface Caller {
  tenantId: string;
  subject: string;
}

const policy = (name: Policy['name'], whose: string, quota: number): Policy => ({
  name,
  whose,
  quota,
  limiter: new RateLimiterMemory({ points: quota, duration: windowSeconds }),
});

/** @throws Problem 429 */
async function spend(reply: FastifyReply, counts: readonly [Policy, string][]): Promise<void> {
  const policies: string[] = [];
  const states: string[] = [];
  const violated: Policy[] = [];
  let waitMs = 0;
  for (const [policy, key] of counts) {
    if (policy.quota === 0) continue;
    const { consumedPoints, msBeforeNext } = await policy.limiter.penalty(key);
    const left = Math.max(0, policy.quota - consumedPoints);
    policies.push(`"${policy.name}";q=${policy.quota};w=${windowSeconds}`);
    states.push(`"${policy.name}";r=${left};t=${seconds(msBeforeNext)}`);
    if (consumedPoints <= policy.quota) continue;
    violated.push(policy);
    waitMs = Math.max(waitMs, msBeforeNext);
  }
  if (policies.length > 0)
    void reply.headers({ 'ratelimit-policy': policies.join(', '), ratelimit: states.join(', ') });
  if (violated.length > 0) throw tooMany(reply, violated, waitMs);
}

function tooMany(reply: FastifyReply, violated: readonly Policy[], waitMs: number): Problem {
  const [{ name, quota, whose }] = violated as [Policy];
  if (!reply.hasHeader('ratelimit-policy') || name === 'failures')
    void reply.headers({
      'ratelimit-policy': `"${name}";q=${quota};w=${windowSeconds}`,
      ratelimit: `"${name}";r=0;t=${seconds(waitMs)}`,
    });
  return new Problem({
    status: 429,
    type: 'too-many-requests',
    title: 'Too many requests',
    detail: `There were more than ${quota} requests a minute ${whose}.`,
    nextStep: 'Wait for the time in Retry-After, and send requests more slowly.',
    retryAfterSeconds: seconds(waitMs),
    more: { 'violated-policies': violated.map((policy) => policy.name) },
  });
}

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** One network has as many IPv6 addresses as it likes: they count as one. */
function addressOf({ ip }: FastifyRequest): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  return address.kind() === 'ipv6' ? address.toByteArray().slice(0, 8).join('.') : address.toString();
}
