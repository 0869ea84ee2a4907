export type Resource = 'customers' | 'products' | 'subscriptions' | 'orders';

/** A record that CMP answers in a form its own schema forbids. */
export interface BrokenRecord {
  /** Marketplace code. */
  account: string;
  resource: Resource;
  id: string;
  how: 'id-missing' | 'amount-not-a-number' | 'dates-wrong';
}

type Row = Record<string, unknown>;

const spoilers: Record<BrokenRecord['how'], (row: Row) => Row> = {
  'id-missing': ({ id: _, ...rest }) => rest,
  'amount-not-a-number': (row) => spoilAmounts(row) as Row,
  'dates-wrong': (row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, name.endsWith('Date') ? '31/02/2026 25:61' : value]),
    ),
};

function spoilAmounts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spoilAmounts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'amount' || name === 'quantity' ? 'n/a' : spoilAmounts(inner),
    ]),
  );
}

/** Spoils chosen records on their way out, in lists and details alike. */
export class BrokenRecords {
  records: BrokenRecord[] = [];

  spoil(account: string, path: string, payload: unknown): unknown {
    const mine = this.records.filter(
      (record) => record.account === account && path.split('/')[1] === record.resource,
    );
    if (mine.length === 0 || typeof payload !== 'object' || payload === null) return payload;
    const one = (row: Row): Row => {
      const broken = mine.find(({ id }) => id === row.id);
      return broken ? spoilers[broken.how](row) : row;
    };
    const list = payload as { data?: Row[] };
    return Array.isArray(list.data) ? { ...list, data: list.data.map(one) } : one(payload as Row);
  }
}
