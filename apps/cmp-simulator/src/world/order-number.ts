import type { OrderType } from './order.ts';

const prefixes = { sales: 'SO', change: 'CH', renewal: 'RN', cancellation: 'CL' } as const satisfies Record<
  OrderType,
  string
>;

/** `CH005810`: the prefixes are CloudBlue's ("Types of Orders", billing guide), the six digits run through all types. */
export function orderNumber(type: OrderType, index: number): string {
  return prefixes[type] + String(index + 1).padStart(6, '0');
}
