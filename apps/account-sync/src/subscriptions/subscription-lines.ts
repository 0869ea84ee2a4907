import type { CmpSubscriptionDetail } from '@isthmus/cmp-client';
import type { FieldChangeV1, MoneyV1, SubscriptionLineV1 } from '@isthmus/contracts';
import { Decimal } from '@isthmus/domain';
import type { MirrorValue } from '@isthmus/sync-engine';

/** A subscription's lines in an order of ours: CMP's own order varies, and that is not a change. */
export const toSubscriptionLines = ({
  products,
}: Pick<CmpSubscriptionDetail, 'products'>): SubscriptionLineV1[] =>
  products
    .map((product) => ({
      mpn: product.mpn,
      vendor: product.vendor ?? '',
      productId: product.id ?? '',
      name: product.name ?? '',
      quantity: product.quantity,
      unitPrice: product.unitPrice,
      unitCost: product.unitCost,
      vendorSubscriptionId: product.vendorSubscriptionId,
    }))
    .map((line) => ({ line, place: [identity(line), JSON.stringify(line)] as const }))
    .sort((a, b) => compare(a.place[0], b.place[0]) || compare(a.place[1], b.place[1]))
    .map(({ line }) => line);

// By code units, because the order must not depend on the machine's language.
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const identity = ({ productId, mpn, vendor, vendorSubscriptionId = '' }: SubscriptionLineV1): string =>
  [productId, mpn, vendor, vendorSubscriptionId].join('\u001f');

const longestLabel = 70;
const lineFields = ['name', 'quantity', 'unitPrice', 'unitCost', 'vendorSubscriptionId'] as const;

/**
 * The differences between two stored lists of lines: `lines[MPN].quantity` with both values, or the whole line as
 * `lines[MPN]` if it is new or gone. An amount in another notation (`4.5`, `4.50`) is not a difference.
 */
export function lineChanges(from: MirrorValue, to: MirrorValue): FieldChangeV1[] {
  const before = byProduct(read(from));
  const after = byProduct(read(to));
  const labels = lineLabels(new Map([...before, ...after]));
  return [...labels].flatMap(([key, label]): FieldChangeV1[] => {
    const [was, is] = [before.get(key), after.get(key)];
    if (!was || !is) return [{ field: label, from: was, to: is }];
    return lineFields.flatMap((field) =>
      same(was[field], is[field]) ? [] : [{ field: `${label}.${field}`, from: was[field], to: is[field] }],
    );
  });
}

const read = (text: MirrorValue): SubscriptionLineV1[] =>
  text === null ? [] : (JSON.parse(text) as SubscriptionLineV1[]);

/** Lines by what they sell; several of one product by their place among each other. */
function byProduct(lines: readonly SubscriptionLineV1[]): Map<string, SubscriptionLineV1> {
  const sorted = [...lines].sort((a, b) => compare(identity(a), identity(b)));
  const keyed = new Map<string, SubscriptionLineV1>();
  for (const line of sorted) {
    const product = [line.vendor, line.mpn, line.productId].join('\u001f');
    let key = product;
    for (let place = 2; keyed.has(key); place += 1) key = `${product}\u001f${place}`;
    keyed.set(key, line);
  }
  return keyed;
}

function lineLabels(lines: ReadonlyMap<string, SubscriptionLineV1>): Map<string, string> {
  const taken = new Set<string>();
  const labels = new Map<string, string>();
  for (const [key, { mpn, productId }] of lines) {
    const base = (mpn || productId).slice(0, longestLabel);
    let label = `lines[${base}]`;
    for (let place = 2; taken.has(label); place += 1) label = `lines[${base}#${place}]`;
    taken.add(label);
    labels.set(key, label);
  }
  return labels;
}

function same(one: unknown, other: unknown): boolean {
  if (isMoney(one) && isMoney(other))
    return (
      one.currency === other.currency &&
      (one.amount === other.amount ||
        (Decimal.is(one.amount) &&
          Decimal.is(other.amount) &&
          Decimal.compare(one.amount, other.amount) === 0))
    );
  return one === other;
}

const isMoney = (value: unknown): value is MoneyV1 =>
  typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value;
