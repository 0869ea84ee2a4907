import { samePeriod } from './same-period.ts';

/** ISO 8601, or left open. */
export interface PeriodFacts {
  billingPeriod?: string;
  term?: string;
}

export interface WithPeriods {
  billingPeriod: string | null;
  term: string | null;
}

const facts = ['billingPeriod', 'term'] as const;

/** The facts in which a product differs from what is asked. A period that either of them leaves open differs from nothing. */
export const differences = (asked: PeriodFacts, product: WithPeriods): (typeof facts)[number][] =>
  facts.filter((fact) => asked[fact] && product[fact] && !samePeriod(product[fact], asked[fact]));

/**
 * Keeps what agrees with the facts given. A product that does not tell a period neither agrees nor contradicts: it is kept only when
 * none agrees. `against` names the facts that left nothing.
 */
export function narrowByPeriods<T extends WithPeriods>(
  products: readonly T[],
  asked: PeriodFacts,
): { kept: T[]; against: (typeof facts)[number][] } {
  let kept = [...products];
  const against: (typeof facts)[number][] = [];
  for (const fact of facts) {
    const wanted = asked[fact];
    if (!wanted) continue;
    const agreeing = kept.filter((product) => product[fact] !== null && samePeriod(product[fact], wanted));
    const next = agreeing.length ? agreeing : kept.filter((product) => product[fact] === null);
    if (kept.length && !next.length) against.push(fact);
    kept = next;
  }
  return { kept, against };
}
