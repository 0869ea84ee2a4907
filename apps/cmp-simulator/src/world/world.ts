import { buildCatalogue, type CatalogueItem } from '../catalogue/catalogue.ts';
import { type CustomerState, firstCustomerId, seededCustomer, Tenants } from '../customers/customer.ts';
import { OrderHistory } from '../orders/order-history.ts';
import { OrderStore } from '../orders/order-store.ts';
import type { Quirks } from '../quirks.ts';
import { type ReportState, usualOddities } from '../reports/report.ts';
import { SubscriptionColumns } from '../subscriptions/subscription-columns.ts';
import { SubscriptionStore } from '../subscriptions/subscription-store.ts';
import { Agenda, type WorldClock } from './agenda.ts';
import { mulberry32 } from './random.ts';
import { Rows } from './rows.ts';

/** The parameters of a world; equal parameters produce equal worlds. */
export interface WorldGround {
  seed: number;
  size: WorldSize;
  resellerId: string;
  currency: string;
  country: string;
  clock: WorldClock;
  quirks: Quirks;
  /** From the receipt of an order to its completion, in world seconds. */
  orderDelaySeconds: number;
}

/** What happens to subscriptions as time passes; passed to the world, which knows none of the rules of ordering. */
export interface TermRules {
  /** The due instant of the seeded subscription at a position. */
  onDue(world: World, index: number, at: number): void;
  /** The end of a term that was put on the agenda. */
  onTermEnd(world: World, id: string, at: number): void;
}

/** Everything behind one provider account at CMP: its customers, products, subscriptions and orders, and what is yet to come. */
export class World {
  readonly agenda = new Agenda();
  readonly catalogue: CatalogueItem[];
  /** Catalogue rows that are no longer listed; their subscriptions continue. */
  readonly withdrawn = new Set<number>();
  /** Customers that have accepted a vendor's agreement behind a link. */
  readonly accepted = new Set<string>();
  readonly customers: Rows<CustomerState>;
  readonly subscriptions: SubscriptionStore;
  readonly orders: OrderStore;
  readonly reports: ReportState[] = [];
  /** How the files of all its reports are spoilt. */
  readonly reportOddities = usualOddities();
  readonly tenants: Tenants;
  readonly random: () => number;
  private nextDue: number;

  constructor(
    readonly ground: WorldGround,
    readonly rules: TermRules,
  ) {
    const { seed, size, resellerId, country, clock } = ground;
    this.random = mulberry32(seed);
    this.catalogue = buildCatalogue(seed, ground.currency === 'GBP' ? 0.8 : 1, size.products);
    const columns = new SubscriptionColumns({
      seed,
      epoch: clock.startedAt,
      ...size,
      catalogue: [...this.catalogue],
    });
    this.customers = new Rows(size.customers, firstCustomerId, (index) =>
      seededCustomer({ seed, country, resellerId }, index),
    );
    this.subscriptions = new SubscriptionStore(columns);
    this.orders = new OrderStore(columns, new OrderHistory(columns), this.subscriptions);
    this.tenants = new Tenants(seed, size.customers, this.random);
    this.nextDue = this.subscriptions.earliestDue();
  }

  /** The present instant; while the agenda is worked off, the instant of its entry. */
  now(): number {
    return this.agenda.doing ?? this.ground.clock.now();
  }

  /** Lets everything happen that is due by now; called before every read. */
  settle(): void {
    const until = this.ground.clock.now();
    if (until >= this.nextDue) {
      for (const { index, at } of this.subscriptions.takeDue(until))
        this.agenda.add(at, () => this.rules.onDue(this, index, at));
      this.nextDue = this.subscriptions.earliestDue();
    }
    this.agenda.run(until);
  }
}

/** How many rows a world starts with; `products` is a minimum, the named products are always there. */
interface WorldSize {
  customers: number;
  subscriptions: number;
  products: number;
}

/** A world by name, by size, or as the environment writes it: `small`, `sized:10000:40000`, `sized:10000:40000:2000`. */
export type WorldChoice =
  'small' | { customers: number; subscriptions: number; products?: number | undefined } | (string & {});

const small: WorldSize = { customers: 120, subscriptions: 700, products: 0 };

/** Throws a RangeError that names the accepted forms. */
export function worldSize(choice: WorldChoice = 'small'): WorldSize {
  if (choice === 'small') return small;
  const parts =
    typeof choice === 'string' ? /^sized:(\d+):(\d+)(?::(\d+))?$/.exec(choice)?.slice(1) : undefined;
  if (typeof choice === 'string' && !parts)
    throw new RangeError(
      `"${choice}" is not a world. Use small, sized:CUSTOMERS:SUBSCRIPTIONS or sized:CUSTOMERS:SUBSCRIPTIONS:PRODUCTS.`,
    );
  const size = parts
    ? { customers: Number(parts[0]), subscriptions: Number(parts[1]), products: Number(parts[2] ?? 0) }
    : { products: 0, ...(choice as Exclude<WorldChoice, string>) };
  if (size.customers < 1 && size.subscriptions > 0)
    throw new RangeError('A world with subscriptions needs at least one customer.');
  return { ...size, products: size.products ?? 0 };
}
