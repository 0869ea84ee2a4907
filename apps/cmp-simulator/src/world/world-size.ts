/** How many rows a world starts with; `products` is a minimum, the named products are always there. */
export interface WorldSize {
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
