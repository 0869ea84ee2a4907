import type { CatalogPrice } from './product.entity.ts';

/** One line of a price list: price and cost of the same kind from the same quantity on. */
export interface PriceLine {
  currency: string;
  type: string;
  model: string;
  lowerLimit: number;
  amount: string | null;
  cost: string | null;
}

/** CMP lists prices and costs apart; a cost without a price is a line too. Of two that say the same thing the last one counts. */
export function priceLines(prices: readonly CatalogPrice[], costs: readonly CatalogPrice[]): PriceLine[] {
  const lines = new Map<string, PriceLine>();
  const lineOf = ({ currency, type = 'recurring', model = 'FLAT', lowerLimit = 0 }: CatalogPrice) => {
    const key = JSON.stringify([currency, type, lowerLimit]);
    const line = lines.get(key) ?? { currency, type, model, lowerLimit, amount: null, cost: null };
    lines.set(key, line);
    return line;
  };
  for (const price of prices) lineOf(price).amount = price.amount;
  for (const cost of costs) lineOf(cost).cost = cost.amount;
  return [...lines.values()];
}
