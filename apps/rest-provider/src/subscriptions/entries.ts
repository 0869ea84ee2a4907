import type { AgreedSubscriptionV1, SubscriptionLineV1 } from '@isthmus/contracts';
import { derivedUuid } from '@isthmus/domain';

/** The product of a line that was reported, and the id it was reported under. */
export interface Reported {
  entryId: string;
  product: string;
  vendor: string;
  mpn: string;
  name: string;
  friendlyName?: string | null;
}

/** A product line of a subscription; the Rest Provider API calls it a subscription. */
export interface Entry {
  /** The subscription's own id for one line, one derived from subscription and product for every other. */
  entryId: string;
  line: SubscriptionLineV1;
  /** Only for an entry with its own id. */
  friendlyName: string | null;
  /** True if CMP no longer shows the line although the subscription continues. */
  gone: boolean;
  /** The other lines that exist. */
  others: SubscriptionLineV1[];
}

interface Entries {
  entries: Entry[];
  /** Lines reported for the first time. */
  added: Reported[];
  /** Entries whose product was replaced by another, as by an upgrade: the id stays with the replacement. */
  replaced: Reported[];
}

/**
 * The entries of a subscription whose lines are known. The line that was reported first keeps the subscription's id
 * permanently, every other one its own; the order of the lines does not matter.
 */
export function entriesOf(
  { subscriptionId, lines }: AgreedSubscriptionV1,
  reported: readonly Reported[],
): Entries {
  const products = productsOf(lines);
  const there = new Map(products.map((product, index) => [product, lines[index]!]));
  const known = new Set(reported.map(({ product }) => product));
  const fresh = products.filter((product) => !known.has(product));
  const missing = reported.filter(({ product }) => !there.has(product));
  const taken = successors(subscriptionId, reported, missing, fresh, there);
  const replaced = reported.flatMap((before) => {
    const product = taken.get(before.entryId);
    return product === undefined ? [] : [{ ...before, ...reportedAs(before.entryId, product, there) }];
  });
  const replacedBy = new Map(replaced.map((one) => [one.entryId, one]));
  const taking = new Set(taken.values());
  const used = new Set(reported.map(({ entryId }) => entryId));
  const added = fresh
    .filter((product) => !taking.has(product))
    .map((product, index) => {
      const first = reported.length === 0 && index === 0;
      return reportedAs(first ? subscriptionId : freeId(subscriptionId, product, used), product, there);
    });
  const now = [...reported.map((one) => replacedBy.get(one.entryId) ?? one), ...added];
  const entries = now.map(({ entryId, product, vendor, mpn, name, friendlyName = null }): Entry => {
    const line = there.get(product);
    const others = products.filter((other) => other !== product).map((other) => there.get(other)!);
    if (line) return { entryId, line, friendlyName, gone: false, others };
    const last = { vendor, mpn, name, productId: '', quantity: 0 };
    return { entryId, line: last, friendlyName, gone: true, others };
  });
  return { entries, added, replaced };
}

/**
 * Finds the entries that continue with another product. First those with the same vendor and MPN, whose product id CMP has filled
 * in or changed. Among the rest: the only missing entry if exactly one product is new; or the subscription's own entry if none of
 * the reported products exists any more.
 */
function successors(
  subscriptionId: string,
  reported: readonly Reported[],
  missing: readonly Reported[],
  fresh: readonly string[],
  there: ReadonlyMap<string, SubscriptionLineV1>,
): Map<string, string> {
  const keyOf = ({ vendor, mpn }: { vendor: string; mpn: string }) => JSON.stringify([vendor, mpn]);
  const before = Map.groupBy(missing, keyOf);
  const after = Map.groupBy(fresh, (product) => keyOf(there.get(product)!));
  const taken = new Map<string, string>();
  for (const [key, [one, ...others]] of before) {
    const [product, ...more] = after.get(key) ?? [];
    if (product !== undefined && others.length === 0 && more.length === 0) taken.set(one!.entryId, product);
  }
  const taking = new Set(taken.values());
  const gone = missing.filter(({ entryId }) => !taken.has(entryId));
  const [product, ...more] = fresh.filter((one) => !taking.has(one));
  if (product === undefined || gone.length === 0) return taken;
  if (gone.length === 1 && more.length === 0) return taken.set(gone[0]!.entryId, product);
  return gone.length === reported.length ? taken.set(subscriptionId, product) : taken;
}

/** The keys by which the lines of a subscription are distinguished: CMP's product id, or vendor and MPN if CMP shows none. */
export function productsOf(lines: readonly SubscriptionLineV1[]): string[] {
  const seen = new Map<string, number>();
  return lines.map(({ productId, vendor, mpn }) => {
    const product = productId || `${vendor}:${mpn}`;
    const times = (seen.get(product) ?? 0) + 1;
    seen.set(product, times);
    return times === 1 ? product : `${product}#${times}`;
  });
}

const reportedAs = (
  entryId: string,
  product: string,
  lines: ReadonlyMap<string, SubscriptionLineV1>,
): Reported => {
  const { vendor, mpn, name } = lines.get(product)!;
  return { entryId, product, vendor, mpn, name };
};

/** Derived from subscription and product; a new one if the product returns after its id stayed with its replacement. */
function freeId(subscriptionId: string, product: string, used: ReadonlySet<string>): string {
  let id = derivedId(subscriptionId, product);
  while (used.has(id)) id = derivedId(id, product);
  return id;
}

const derivedId = (id: string, product: string): string => derivedUuid(`line ${id.toLowerCase()} ${product}`);
