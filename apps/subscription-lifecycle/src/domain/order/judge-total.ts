import { Money } from '@isthmus/domain';
import { reason, type OrderReason } from './order-reason.ts';
import type { OrderRecord } from './order-record.ts';

const decimals = 10;
const scaled = (amount: string): bigint => {
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.');
  const units = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  return amount.startsWith('-') ? -units : units;
};
const magnitude = (units: bigint): bigint => (units < 0n ? -units : units);
/** Sums are rounded on both sides. */
const oneCent = 10n ** BigInt(decimals - 2);

/**
 * Why a completed order needs somebody although it did what it should: CMP charges something else than was quoted, or
 * than CMP itself estimated just before. Null when the totals agree within the tolerance, or one of them is not known.
 */
export function totalDifference({
  terms,
  charged,
  ask,
  cmpOrderNumber,
  cmpOrderId,
}: OrderRecord): OrderReason | null {
  if (!terms?.total || !charged || terms.totalFrom === 'estimate' || terms.totalFrom === null) return null;
  const { total, oneDay, tolerancePercent, totalFrom } = terms;
  if (charged.currency === total.currency) {
    const difference = magnitude(scaled(charged.amount) - scaled(total.amount));
    const percent =
      (magnitude(scaled(total.amount)) * BigInt(Math.round(tolerancePercent * 1000))) / 100_000n;
    const day = oneDay?.currency === total.currency ? magnitude(scaled(oneDay.amount)) : 0n;
    if (difference <= percent + day + oneCent) return null;
  }
  const which = cmpOrderNumber ?? cmpOrderId ?? 'of this purchase order number';
  const said = totalFrom === 'quote' ? 'was quoted' : 'was estimated by CMP just before it was sent';
  return reason(
    'total-differs',
    `CMP's order ${which} amounts to ${Money.print(charged)}, but ${Money.print(total)} ${said} (tolerance ${tolerancePercent} %). It has been carried out.`,
    ask.kind === 'cancel'
      ? "Compare the refund in CMP's control panel. Resolve the order as settled if it is right; otherwise ask CMP's support with the order number."
      : "Compare product, term and price in CMP's control panel. Resolve the order as settled if the amount is right; otherwise cancel or reduce within the cancellation window, or ask CMP's support with the order number.",
  );
}
