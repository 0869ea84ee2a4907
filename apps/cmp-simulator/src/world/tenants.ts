import { firstCustomerId, seededTenants } from './customer-seed.ts';
import type { Tenant } from './customer.ts';
import { guid } from './guid.ts';

/** Who holds which Microsoft tenant: seeded ones by the number in their name, new ones as orders create them. */
export class Tenants {
  private readonly created = new Map<string, Tenant & { customerId: string }>();

  constructor(
    private readonly seed: number,
    private readonly customers: number,
    private readonly random: () => number,
  ) {}

  find(domain: string): (Tenant & { customerId: string }) | undefined {
    const known = this.created.get(domain.toLowerCase());
    if (known) return known;
    const index = Number(/\d+/.exec(domain)?.[0] ?? 0) - 1;
    if (index < 0 || index >= this.customers) return undefined;
    const seeded = seededTenants(this.seed, index).find((tenant) => tenant.domain === domain.toLowerCase());
    return seeded && { ...seeded, customerId: String(firstCustomerId + index) };
  }

  /** The tenant of that domain; a new one with a new id when there is none. */
  open(domain: string, customerId: string): Tenant {
    const found = this.find(domain);
    if (found) return found;
    const tenant = { domain: domain.toLowerCase(), tenantId: guid(this.random), customerId };
    this.created.set(tenant.domain, tenant);
    return tenant;
  }
}
