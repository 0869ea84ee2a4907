import type { Period } from '../rules/period.ts';
import type { CatalogueItem } from './catalogue-item.ts';
import { dice } from './dice.ts';

/** What a seeded subscription was bought as; a plan without products has a name and a term only. */
export interface DrawnOffer {
  item?: CatalogueItem | undefined;
  addOn?: CatalogueItem | undefined;
  name: string;
  term: Period;
  billing: Period;
}

const month: Period = { type: 'month', duration: 1 };
const year: Period = { type: 'year', duration: 1 };
const productless: readonly DrawnOffer[] = [
  { name: 'Azure Reservation', term: year, billing: month },
  { name: 'Azure Savings Plan', term: { type: 'year', duration: 3 }, billing: month },
  { name: 'Partner Internal Plan', term: month, billing: month },
];

interface Shelves {
  nce: CatalogueItem[];
  nceMonthly: CatalogueItem[];
  legacy: CatalogueItem[];
  other: CatalogueItem[];
  addOnOf: Map<number, CatalogueItem>;
}

const shelvesOf = new WeakMap<readonly CatalogueItem[], Shelves>();

function shelve(catalogue: readonly CatalogueItem[]): Shelves {
  const nce = catalogue.filter(({ kind, launched }) => kind === 'nce' && !launched);
  const shelves: Shelves = {
    nce: nce.filter(({ term }) => term.type === 'year'),
    nceMonthly: nce.filter(({ term }) => term.type === 'month'),
    legacy: catalogue.filter(({ kind }) => kind === 'legacy'),
    other: catalogue.filter(({ kind, dependsOn }) => kind === 'other' && dependsOn === undefined),
    addOnOf: new Map(
      catalogue.flatMap((item) => (item.dependsOn === undefined ? [] : [[item.dependsOn, item]])),
    ),
  };
  shelvesOf.set(catalogue, shelves);
  return shelves;
}

/** Which offer a seeded subscription is: three fifths NCE, a quarter legacy, some of other vendors, a few without products. */
export function drawOffer(seed: number, index: number, catalogue: readonly CatalogueItem[]): DrawnOffer {
  const shelves = shelvesOf.get(catalogue) ?? shelve(catalogue);
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
  const addOn = dice(seed, index, 52) < 0.6 ? shelves.addOnOf.get(item.index) : undefined;
  return { item, addOn, name: item.name, term: item.term, billing: item.billing };
}
