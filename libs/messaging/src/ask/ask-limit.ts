/**
 * Bounds how often the requests of one tenant may make this process ask another service for something it does not know:
 * whoever tries ids at random must not keep its owner busy. Up to `burst` at once, then `perSecond`.
 */
export class AskLimit {
  readonly #left = new Map<string, { asks: number; at: number }>();

  constructor(
    private readonly burst = 20,
    private readonly perSecond = 2,
    /** Tenants remembered; those forgotten begin anew. */
    private readonly mostTenants = 1_000,
  ) {}

  /** Takes one ask of the tenant's; false when there is none left just now. */
  take(tenantId: string, now = Date.now()): boolean {
    const { asks, at } = this.#left.get(tenantId) ?? { asks: this.burst, at: now };
    const left = Math.min(this.burst, asks + ((now - at) / 1_000) * this.perSecond);
    // Last in the map is last used, so that the first one may be forgotten.
    this.#left.delete(tenantId);
    const oldest = this.#left.size >= this.mostTenants ? this.#left.keys().next().value : undefined;
    if (oldest !== undefined) this.#left.delete(oldest);
    this.#left.set(tenantId, { asks: left >= 1 ? left - 1 : left, at: now });
    return left >= 1;
  }
}
