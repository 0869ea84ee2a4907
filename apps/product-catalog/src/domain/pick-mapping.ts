import { samePeriod } from './same-period.ts';
import type { PeriodFacts } from './narrow-by-periods.ts';

export interface MappingInForce {
  /** Null: excluded. */
  productId: string | null;
  /** '' holds for any. */
  billingPeriod: string;
  term: string;
}

/** The mappings that hold for a question, of those only the most particular; more than one only when they disagree. */
export function pickMapping<M extends MappingInForce>(asked: PeriodFacts, mappings: readonly M[]): M[] {
  const holding = mappings.filter(
    (mapping) => holds(mapping.billingPeriod, asked.billingPeriod) && holds(mapping.term, asked.term),
  );
  const most = Math.max(...holding.map(particularity));
  const picked = holding.filter((mapping) => particularity(mapping) === most);
  return picked.filter(
    (one, index) => picked.findIndex(({ productId }) => productId === one.productId) === index,
  );
}

const holds = (condition: string, asked: string | undefined) =>
  condition === '' || (asked !== undefined && samePeriod(condition, asked));

const particularity = ({ billingPeriod, term }: MappingInForce) =>
  Number(billingPeriod !== '') + Number(term !== '');
