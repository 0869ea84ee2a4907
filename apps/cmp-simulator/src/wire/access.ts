import type { FastifyInstance } from 'fastify';
import type { Quirks } from '../quirks.ts';
import { mulberry32 } from '../world/random.ts';
import { CmpRefusal } from './errors.ts';
import type { Wire } from './simple-api.ts';

/** The bearer tokens of one account, on real time: clients count a token's life by their own clock. */
export class Tokens {
  private readonly sessions = new Map<string, { until: number; calls: number }>();
  private readonly random: () => number;

  constructor(
    seed: number,
    private readonly lifetimeSeconds: number,
    private readonly quirks: Pick<Quirks, 'callsPerToken' | 'newTokenEndsOthers'>,
  ) {
    this.random = mulberry32(seed ^ 0x70cec);
  }

  /** A new token, opaque but looking like a JWT; the ones before it stay valid, unless the quirk is set. */
  issue(now: number): { token: string; expiresInSeconds: number } {
    const part = (length: number) =>
      Array.from(
        { length },
        () =>
          'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[Math.floor(this.random() * 64)],
      ).join('');
    const token = `eyJhbGciOiJIUzM4NCJ9.${part(120)}.${part(64)}`;
    if (this.quirks.newTokenEndsOthers) this.sessions.clear();
    this.sessions.set(token, { until: now + this.lifetimeSeconds * 1000, calls: 0 });
    return { token, expiresInSeconds: this.lifetimeSeconds };
  }

  /** Whether a call with this token is let through; it counts. */
  accepts(token: string, now: number): boolean {
    const session = this.sessions.get(token);
    if (!session || session.until <= now || session.calls >= (this.quirks.callsPerToken ?? Infinity))
      return false;
    session.calls++;
    return true;
  }

  /** The session behind every token ends early. */
  revokeAll(): number {
    const count = this.sessions.size;
    this.sessions.clear();
    return count;
  }
}

/** POST /token: Basic credentials and a marketplace code buy a bearer token. */
export function token(app: FastifyInstance): void {
  app.post('/token', (request): Wire<'TokenInfo'> => {
    const { account } = request.call;
    const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (
      Buffer.from(basic, 'base64').toString('utf8') !==
      `${account.options.username}:${account.options.password}`
    )
      throw new CmpRefusal(401, 'Authentication failed: invalid username or password.');
    const { marketplace } = (request.body ?? {}) as Wire<'TokenRequest'>;
    if (marketplace !== account.options.marketplace)
      throw new CmpRefusal(401, `Authentication failed: unknown marketplace "${marketplace ?? ''}".`);
    return account.tokens.issue(Date.now());
  });
}

/** How many calls a subscription key may make; null means as many as it likes. */
export interface Limits {
  perMinute: number | null;
  perDay: number | null;
  /** Whether a refusal carries `Retry-After`; not every gateway sends it. */
  retryAfterHeader: boolean;
}

/** CloudBlue's recommended product for the gateway: "60 calls/minute up to a maximum of 5000 calls/day". */
export const defaultLimits: Limits = { perMinute: 60, perDay: 5000, retryAfterHeader: true };

const minute = 60_000;
const day = 86_400_000;

/** Counts the calls of one key in a sliding minute and a sliding day, on real time. Refused calls are not counted. */
export class RateLimit {
  private calls: number[] = [];

  constructor(public limits: Limits) {}

  /** Takes one call, or returns which limit is used up and for how many seconds. */
  take(now: number): { exceeded: 'minute' | 'day'; retryAfterSeconds: number } | undefined {
    const { perMinute, perDay } = this.limits;
    const keep = perDay === null ? minute : day;
    const first = this.calls.findIndex((at) => at > now - keep);
    this.calls = first === -1 ? [] : first > 0 ? this.calls.slice(first) : this.calls;
    if (perDay !== null && this.calls.length >= perDay)
      return { exceeded: 'day', retryAfterSeconds: wait(this.calls.at(-perDay), day, now) };
    const oldestOfMinute = perMinute === null ? undefined : this.calls.at(-perMinute);
    if (perMinute === 0 || (oldestOfMinute !== undefined && oldestOfMinute > now - minute))
      return { exceeded: 'minute', retryAfterSeconds: wait(oldestOfMinute, minute, now) };
    if (perMinute !== null || perDay !== null) this.calls.push(now);
    return undefined;
  }
}

function wait(oldest: number | undefined, span: number, now: number): number {
  return Math.max(1, Math.ceil(((oldest ?? now) + span - now) / 1000));
}
