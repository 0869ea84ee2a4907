import type { RatedLineKind } from '@isthmus/contracts';

/**
 * What CMP's words for a charge mean. "Recurring" and "Resource Overusage" were seen in real files; the others are expected. A setting
 * (RATED_LINE_KINDS) adds to this table.
 */
export const usualLineKinds: Readonly<Record<string, RatedLineKind>> = {
  recurring: 'licence',
  'recurring fee': 'licence',
  renewal: 'licence',
  subscription: 'licence',
  'resource overusage': 'usage',
  overusage: 'usage',
  overuse: 'usage',
  usage: 'usage',
  consumption: 'usage',
  setup: 'one-off',
  'setup fee': 'one-off',
  'one-time': 'one-off',
  'one time': 'one-off',
  onetime: 'one-off',
  cancellation: 'one-off',
};

/** The kind of a charge; a word nobody knows is a one-off, the only kind nobody expects again next month. */
export const kindOf = (
  chargeType: string,
  more: Readonly<Record<string, RatedLineKind>> = {},
): { kind: RatedLineKind; known: boolean } => {
  const word = chargeType.trim().toLowerCase();
  const kind = more[word] ?? usualLineKinds[word];
  return { kind: kind ?? 'one-off', known: kind !== undefined };
};
