import {
  azureFamily,
  type Family,
  launchedFamily,
  legacyFamilies,
  nceFamilies,
  otherFamilies,
  trialFamily,
} from './families.ts';
import type { Period } from '../world/period.ts';
import { dice } from '../world/random.ts';

/** One row of `GET /products`: a product in one term and billing combination, priced per seat and billing period. */
export interface CatalogueItem {
  /** Position in the catalogue. */
  index: number;
  /** CMP's product id, unique; the part number is not. */
  id: string;
  mpn: string;
  vendor: string;
  serviceName: string;
  name: string;
  kind: 'nce' | 'legacy' | 'other' | 'trial' | 'azure';
  /** Too new to be in any subscription when the world begins. */
  launched?: true | undefined;
  term: Period;
  billing: Period;
  priceCents: number;
  costCents: number;
  minimum: number;
  maximum: number;
  /** The offer behind the row: what is bought of one plan lands in one subscription. */
  planId: number;
  /** The product that must be in the same subscription; CMP adds it to an order that lacks it. */
  dependsOn?: number | undefined;
}

const month: Period = { type: 'month', duration: 1 };
const year: Period = { type: 'year', duration: 1 };
const threeYears: Period = { type: 'year', duration: 3 };

/** The extra cost of a month-to-month seat compared with an annual term: about a fifth. */
const monthlyPremium = 1.2;

type Row = Omit<CatalogueItem, 'index' | 'id' | 'planId' | 'costCents' | 'minimum'>;

function nceRows(family: Family, rate: number): Row[] {
  const row = (term: Period, billing: Period, months: number, premium = 1): Row => ({
    kind: 'nce',
    vendor: 'MICROSOFT',
    serviceName: 'O365_NCE',
    mpn: family.mpn,
    name: `${family.name} (NCE COM ${billing.type === 'month' ? 'MTH' : 'ANN'})`,
    term,
    billing,
    maximum: family.maximum,
    priceCents: Math.round(family.monthlyCents * rate * months * premium),
  });
  const rows = [row(month, month, 1, monthlyPremium), row(year, month, 1), row(year, year, 12)];
  return family.triennial
    ? [...rows, row(threeYears, month, 1), row(threeYears, year, 12), row(threeYears, threeYears, 36)]
    : rows;
}

function legacyRows(family: Family, rate: number): Row[] {
  const row = (suffix: string, term: Period, billing: Period, months: number): Row => ({
    kind: 'legacy',
    vendor: 'MICROSOFT',
    serviceName: 'Office365',
    mpn: family.mpn + suffix,
    name: `${family.name} (CSP)`,
    term,
    billing,
    maximum: family.maximum,
    priceCents: Math.round(family.monthlyCents * rate * months),
  });
  return [row('', year, month, 1), row('_ANNUAL', year, year, 12), row('_MONTHLY', month, month, 1)];
}

function otherRows(rate: number): Row[] {
  return otherFamilies.map(({ name, mpn, vendor, serviceName, monthlyCents, maximum }) => ({
    kind: 'other',
    vendor,
    serviceName,
    mpn,
    name,
    term: month,
    billing: month,
    maximum,
    priceCents: Math.round(monthlyCents * rate),
  }));
}

/** Products released after the world's subscriptions were bought, so that those stay unchanged. */
function launchedRows(rate: number): Row[] {
  const copilot = nceRows(launchedFamily, rate).filter(
    ({ term, billing }) => term !== threeYears || billing !== year,
  );
  const single = ({ name, mpn, maximum }: Family, kind: 'trial' | 'azure', serviceName: string): Row => ({
    kind,
    vendor: 'MICROSOFT',
    serviceName,
    mpn,
    name,
    term: month,
    billing: month,
    maximum,
    priceCents: 0,
  });
  return [
    ...copilot,
    single(trialFamily, 'trial', 'O365_NCE'),
    single(azureFamily, 'azure', 'AZURE_NCE'),
  ].map((row) => ({ ...row, launched: true as const }));
}

/** Further families, for worlds with a large catalogue. */
function inventedFamily(seed: number, n: number): Family {
  const code = n.toString(36).toUpperCase().padStart(4, '0');
  return {
    name: `Cloud Service ${n + 1}`,
    mpn: `CFQ7TTC0${code}:0001`,
    monthlyCents: 100 + Math.floor(dice(seed, n, 71) * 5000),
    maximum: 5000,
  };
}

/**
 * The catalogue of one marketplace, oldest row first. Prices are in the account's currency: `rate` units of it per US dollar.
 * `atLeast` pads it with invented products up to that many rows.
 */
export function buildCatalogue(seed: number, rate: number, atLeast = 0): CatalogueItem[] {
  const rows = [
    ...otherRows(rate),
    ...legacyFamilies.flatMap((family) => legacyRows(family, rate)),
    ...nceFamilies.flatMap((family) => nceRows(family, rate)),
  ];
  for (let n = 0; rows.length < atLeast; n++) rows.push(...nceRows(inventedFamily(seed, n), rate));
  rows.push(...launchedRows(rate));
  const items = rows.map((row, index): CatalogueItem => ({
    ...row,
    index,
    id: `PRD${326500 + index}`,
    planId: 10000 + index,
    costCents: Math.round(row.priceCents * 0.85),
    minimum: 1,
  }));
  otherFamilies.forEach((family, n) => {
    if (!family.needs) return;
    const base = items.findIndex((item) => item.mpn === family.needs);
    Object.assign(items[n]!, { dependsOn: base, planId: items[base]!.planId });
  });
  return items;
}
