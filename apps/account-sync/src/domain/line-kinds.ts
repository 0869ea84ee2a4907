import type { RatedLineKind } from '@isthmus/contracts';

/**
 * What CMP's words for a charge mean, without their case and separators. "Recurring" and "Resource Overusage" were seen in real files,
 * others are the API's own (details of an order); the rest are expected. A setting (RATED_LINE_KINDS) adds to this table.
 */
export const usualLineKinds: Readonly<Record<string, RatedLineKind>> = {
  ...kinds('licence', [
    'recurring',
    'recurringfee',
    'recurringcharge',
    'renew',
    'renewal',
    'subscription',
    'switch',
    'switchplan',
    'upgrade',
    'downgrade',
    'transfer',
    'cancel',
    'cancellation',
    'refund',
    'refundadjustment',
  ]),
  ...kinds('usage', ['resourceoverusage', 'overusage', 'overuse', 'usage', 'consumption']),
  ...kinds('one-off', [
    'setup',
    'setupfee',
    'onetime',
    'discount',
    'adjustment',
    'handlingfee',
    'nonprovisioningitem',
    'payment',
    'billpenalty',
    'billrecord',
    'resellerpayment',
    'deposit',
  ]),
};

/**
 * The kind of a charge; a word nobody knows is a one-off, the only kind nobody expects again next month. A refund is what it gives back.
 * @param more further words, as `squeezeWord` has them
 */
export const kindOf = (
  chargeType: string,
  more: Readonly<Record<string, RatedLineKind>> = {},
): { kind: RatedLineKind; known: boolean } => {
  const word = squeezeWord(chargeType);
  const refunded = word.replace(/(?:refund|credit)$/, '');
  const found = (table: Readonly<Record<string, RatedLineKind>>, key: string) =>
    Object.hasOwn(table, key) ? table[key] : undefined;
  const known = (key: string) => found(more, key) ?? found(usualLineKinds, key);
  const kind = known(word) ?? known(refunded);
  return { kind: kind ?? 'one-off', known: kind !== undefined };
};

/** A word for a charge, or a column's name, as it is compared: `recurringRefund`, `RECURRING_REFUND` and `Recurring refund` are one. */
export const squeezeWord = (word: string): string => word.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

function kinds(kind: RatedLineKind, words: readonly string[]): Record<string, RatedLineKind> {
  return Object.fromEntries(words.map((word) => [word, kind]));
}
