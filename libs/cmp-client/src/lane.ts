/** Who goes first when the call budget is short: an order before a person, a person before a sync, a sync before a scrub. */
export const lanes = ['order', 'interactive', 'sync', 'scrub'] as const;

export type Lane = (typeof lanes)[number];
