type Resource = 'customers' | 'products' | 'subscriptions' | 'orders';

type Row = Record<string, unknown>;

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The record with the fields of these names changed, however deep they stand. */
function changing(names: RegExp, change: (value: unknown) => unknown) {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (!isRow(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, names.test(name) ? change(inner) : walk(inner)]),
    );
  };
  return (row: Row): Row => walk(row) as Row;
}

const amounts = /^amount$/;
const counts = /^(quantity|minimumQuantity|maximumQuantity)$/;
const periods = /^(billingPeriod|subscriptionPeriod)$/;
/** An order of a list has no name; its number is shown to people as well. */
const names = /^(name|orderNumber)$/;

/** A number as Java writes very large and very small ones. */
function withExponent(value: unknown): string {
  const number = Number(value);
  return number === 0 ? '0E-8' : number.toExponential().replace('e', 'E').replace('E+', 'E');
}

const lasting = (duration: unknown) => (value: unknown) => (isRow(value) ? { ...value, duration } : value);
const dated = (day: string, time: string) => (value: unknown) =>
  typeof value === 'string' && value.includes('T') ? day + time : day;

/** Forms that CMP's own schema forbids, or allows and a store does not take. */
const spoilers = {
  'id-missing': ({ id: _, ...rest }: Row) => rest,
  'id-with-nul': (row: Row) => ({ ...row, id: `${String(row.id)}\u0000` }),
  'id-of-another': (row: Row) => ({ ...row, id: `${String(row.id)}0` }),
  'amount-not-a-number': changing(/^(amount|quantity)$/, () => 'n/a'),
  'amount-exponent': changing(amounts, withExponent),
  'amount-comma': changing(amounts, (value) => String(value).replace('.', ',')),
  'quantity-exponent': changing(counts, withExponent),
  'quantity-fraction': changing(counts, (value) => Number(value) + 0.5),
  'quantity-overflow': changing(counts, () => 2_147_483_648),
  'quantity-negative': changing(counts, () => -1),
  'period-zero': changing(periods, lasting(0)),
  'period-fraction': changing(periods, lasting(1.5)),
  'dates-wrong': (row: Row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, name.endsWith('Date') ? '31/02/2026 25:61' : value]),
    ),
  'year-zero': changing(/Date$/, dated('0000-01-01', 'T00:00:00Z')),
  'far-future': changing(/Date$/, dated('9999-12-31', 'T23:59:59Z')),
  'nul-in-name': changing(names, (value) => `${String(value).slice(0, 4)}\u0000${String(value).slice(4)}`),
  'half-an-emoji': changing(names, (value) => `${String(value)} \ud83d`),
  'name-too-long': changing(/^name$/, (value) => `${String(value)} ${'0123456789 äöü 😀'.repeat(1_000)}`),
  'name-a-number': changing(names, () => 4711),
  'currency-old': changing(/^currency$/, () => 'HRK'),
  'currency-lower-case': changing(/^currency$/, (value) => String(value).toLowerCase()),
} satisfies Record<string, (row: Row) => Row>;

/** A record that CMP returns in an unusual form. */
export interface BrokenRecord {
  /** Marketplace code. */
  account: string;
  resource: Resource;
  /** Its id, or `*` for all of the resource, including responses to POST and PATCH. */
  id: string;
  how: keyof typeof spoilers;
}

/** Spoils chosen records on their way out, in lists and details alike. */
export class BrokenRecords {
  records: BrokenRecord[] = [];

  /** Throws a RangeError for a form it does not know. */
  add(record: BrokenRecord): void {
    if (!Object.hasOwn(spoilers, record.how))
      throw new RangeError(
        `"${record.how}" is not a form of a malformed record. Known: ${Object.keys(spoilers).join(', ')}.`,
      );
    this.records.push(record);
  }

  spoil(account: string, path: string, payload: unknown): unknown {
    const mine = this.records.filter(
      (record) => record.account === account && path.split('/')[1] === record.resource,
    );
    if (mine.length === 0 || !isRow(payload)) return payload;
    const one = (row: Row): Row =>
      mine
        .filter(({ id }) => id === '*' || id === row.id)
        .reduce((spoilt, { how }) => spoilers[how](spoilt), row);
    const list = payload as { data?: Row[] };
    return Array.isArray(list.data) ? { ...list, data: list.data.map(one) } : one(payload);
  }
}
