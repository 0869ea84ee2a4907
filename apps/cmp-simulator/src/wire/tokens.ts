import { mulberry32 } from '../world/mulberry32.ts';

/** The bearer tokens of one account, on real time: clients count a token's life by their own clock. */
export class Tokens {
  private readonly expiry = new Map<string, number>();
  private readonly random: () => number;

  constructor(
    seed: number,
    private readonly lifetimeSeconds: number,
  ) {
    this.random = mulberry32(seed ^ 0x70cec);
  }

  /** A new token, opaque but looking like a JWT; the ones before it stay valid. */
  issue(now: number): { token: string; expiresInSeconds: number } {
    const part = (length: number) =>
      Array.from(
        { length },
        () =>
          'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[Math.floor(this.random() * 64)],
      ).join('');
    const token = `eyJhbGciOiJIUzM4NCJ9.${part(120)}.${part(64)}`;
    this.expiry.set(token, now + this.lifetimeSeconds * 1000);
    return { token, expiresInSeconds: this.lifetimeSeconds };
  }

  accepts(token: string, now: number): boolean {
    return (this.expiry.get(token) ?? 0) > now;
  }

  /** The session behind every token ends early. */
  revokeAll(): number {
    const count = this.expiry.size;
    this.expiry.clear();
    return count;
  }
}
