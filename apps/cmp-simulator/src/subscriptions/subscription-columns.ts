import type { CatalogueItem } from '../catalogue/catalogue.ts';
import { addPeriod, type Period } from '../world/period.ts';
import { dice } from '../world/random.ts';
import type { SubscriptionStatus } from './subscription.ts';

const minute = 60_000;
const day = 1440;
const spanDays = 1460;

/** The statuses by their code in the status column. */
export const statusCodes = [
  'pending',
  'active',
  'hold',
  'terminated',
  'removed',
] as const satisfies SubscriptionStatus[];

/** No date on which anything happens: larger than any minute of a world. */
export const never = 0x7fffffff;

/** What the columns are drawn from. */
interface SubscriptionGround {
  seed: number;
  /** The time at which the world starts; everything seeded lies before it. */
  epoch: number;
  customers: number;
  subscriptions: number;
  catalogue: readonly CatalogueItem[];
}

/**
 * What must be known of every seeded subscription at once, as flat columns of a few bytes a row: its owner, its status, and
 * when something falls due (end of term while active, removal while terminated). Everything else about a row is generated
 * when it is read. Times are whole minutes since 1970.
 */
export class SubscriptionColumns {
  readonly owner: Int32Array;
  readonly status: Uint8Array;
  readonly startedMinute: Int32Array;
  readonly dueMinute: Int32Array;
  /** Positions by owner: those of owner c are `byOwner[ownerFrom[c]]` to `byOwner[ownerFrom[c + 1] - 1]`, ascending. */
  private readonly byOwner: Int32Array;
  private readonly ownerFrom: Int32Array;
  readonly epochMinute: number;

  constructor(readonly ground: SubscriptionGround) {
    const { subscriptions: count, customers } = ground;
    this.epochMinute = Math.floor(ground.epoch / minute);
    this.owner = new Int32Array(count);
    this.status = new Uint8Array(count);
    this.startedMinute = new Int32Array(count);
    this.dueMinute = new Int32Array(count).fill(never);
    for (let index = 0; index < count; index++) this.draw(index);
    this.ownerFrom = new Int32Array(customers + 1);
    for (const owner of this.owner) this.ownerFrom[owner + 1]!++;
    for (let c = 0; c < customers; c++) this.ownerFrom[c + 1]! += this.ownerFrom[c]!;
    this.byOwner = new Int32Array(count);
    const next = this.ownerFrom.slice();
    for (let index = 0; index < count; index++) this.byOwner[next[this.owner[index]!]!++] = index;
  }

  /** Subscriptions were bought evenly over four years, the newest last. */
  createdMinute(index: number): number {
    const { subscriptions } = this.ground;
    return this.epochMinute - Math.ceil((spanDays * day * (subscriptions - index - 0.5)) / subscriptions);
  }

  positionsFor(customer: number): number[] {
    if (customer < 0 || customer + 1 >= this.ownerFrom.length) return [];
    return [...this.byOwner.subarray(this.ownerFrom[customer], this.ownerFrom[customer + 1])];
  }

  private draw(index: number): void {
    const { seed, customers, subscriptions, catalogue } = this.ground;
    const created = this.createdMinute(index);
    const age = this.epochMinute - created;
    const offer = drawOffer(seed, index, catalogue);
    // Skewed, so that some customers have dozens of subscriptions and some none.
    this.owner[index] = Math.min(customers - 1, Math.floor(customers * dice(seed, index, 40) ** 1.4));
    const roll = dice(seed, index, 41);
    this.startedMinute[index] = created;
    if (index >= subscriptions - Math.max(2, Math.round(subscriptions * 0.0012))) return; // the newest are pending
    if (age < 32 * day) this.status[index] = 1;
    else if (roll < 0.006) this.status[index] = 2;
    else if (roll < 0.012) this.status[index] = 3;
    else this.status[index] = roll < (offer.term.type === 'month' ? 0.8 : 0.55) ? 4 : 1;
    if (this.status[index] === 3)
      this.dueMinute[index] = this.epochMinute + Math.ceil(dice(seed, index, 42) * 29 * day);
    if (this.status[index] === 1 || this.status[index] === 2) this.placeInTerm(index, created, offer.term);
  }

  /** Finds the term that the world's start lies in. */
  private placeInTerm(index: number, created: number, term: CatalogueItem['term']): void {
    const months = term.type === 'year' ? term.duration * 12 : term.duration;
    const age = this.epochMinute - created;
    let terms = Math.max(0, Math.floor(age / (months * 30.44 * day)) - 1);
    let from = terms === 0 ? created * minute : addPeriod(created * minute, term, terms);
    let until = addPeriod(created * minute, term, terms + 1);
    while (until <= this.ground.epoch) {
      from = until;
      until = addPeriod(created * minute, term, ++terms + 1);
    }
    this.startedMinute[index] = from / minute;
    this.dueMinute[index] = this.status[index] === 1 ? until / minute : never;
  }
}

/** The product that a seeded subscription was bought as; a plan without products has only a name and a term. */
export interface DrawnOffer {
  item?: CatalogueItem | undefined;
  addOn?: CatalogueItem | undefined;
  name: string;
  term: Period;
  billing: Period;
}

const oneMonth: Period = { type: 'month', duration: 1 };
const oneYear: Period = { type: 'year', duration: 1 };
const productless: readonly DrawnOffer[] = [
  { name: 'Azure Reservation', term: oneYear, billing: oneMonth },
  { name: 'Azure Savings Plan', term: { type: 'year', duration: 3 }, billing: oneMonth },
  { name: 'Partner Internal Plan', term: oneMonth, billing: oneMonth },
];

interface Shelves {
  nce: CatalogueItem[];
  nceMonthly: CatalogueItem[];
  legacy: CatalogueItem[];
  other: CatalogueItem[];
  addOnFor: Map<number, CatalogueItem>;
}

const shelvesByCatalogue = new WeakMap<readonly CatalogueItem[], Shelves>();

function shelve(catalogue: readonly CatalogueItem[]): Shelves {
  const nce = catalogue.filter(({ kind, launched }) => kind === 'nce' && !launched);
  const shelves: Shelves = {
    nce: nce.filter(({ term }) => term.type === 'year'),
    nceMonthly: nce.filter(({ term }) => term.type === 'month'),
    legacy: catalogue.filter(({ kind }) => kind === 'legacy'),
    other: catalogue.filter(({ kind, dependsOn }) => kind === 'other' && dependsOn === undefined),
    addOnFor: new Map(
      catalogue.flatMap((item) => (item.dependsOn === undefined ? [] : [[item.dependsOn, item]])),
    ),
  };
  shelvesByCatalogue.set(catalogue, shelves);
  return shelves;
}

/** Which offer a seeded subscription is: three fifths NCE, a quarter legacy, some of other vendors, a few without products. */
export function drawOffer(seed: number, index: number, catalogue: readonly CatalogueItem[]): DrawnOffer {
  const shelves = shelvesByCatalogue.get(catalogue) ?? shelve(catalogue);
  const roll = dice(seed, index, 50);
  const pick = <T>(shelf: readonly T[]): T => shelf[Math.floor(dice(seed, index, 51) ** 1.3 * shelf.length)]!;
  if (roll >= 0.96) return pick(productless);
  const shelf =
    roll < 0.36
      ? shelves.nceMonthly
      : roll < 0.62
        ? shelves.nce
        : roll < 0.86
          ? shelves.legacy
          : shelves.other;
  const item = pick(shelf);
  const addOn = dice(seed, index, 52) < 0.6 ? shelves.addOnFor.get(item.index) : undefined;
  return { item, addOn, name: item.name, term: item.term, billing: item.billing };
}
