/** CMP writes amounts as decimal strings beside an ISO 4217 code. */
export interface Money {
  currency: string;
  amount: string;
}

/** Cents in, CMP's money out; negative for refunds. */
export function money(currency: string, cents: number): Money {
  return { currency, amount: (Math.round(cents) / 100).toFixed(2) };
}
