import type { FaultKind } from './fault-kind.ts';

/** The right order with another total: `amount`, and `currency` if that differs too. */
export const otherTotal: FaultKind = {
  reshape({ parameters }, payload) {
    if (typeof payload !== 'object' || payload === null || !('total' in payload)) return payload;
    const { amount = '0.00', currency } = parameters;
    const total = payload.total as { currency: string };
    return { ...payload, total: { currency: currency ?? total.currency, amount: String(amount) } };
  },
};
