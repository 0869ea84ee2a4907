import type { Dice } from '../dice.ts';

/** What nobody knows about CMP and Microsoft, drawn anew for each story. */
export interface Ways {
  /** What is said about a decrease or a cancellation that comes too late. */
  tooLate: string;
  /** Which seats a decrease takes first. */
  goesFirst: 'oldest' | 'youngest';
}

const tooLate = 'quantity decrease or cancellation is not allowed outside of the window.';

/** In words that the client knows to be a no, or in words that leave open whether the order exists. */
export const drawWays = (dice: Dice): Ways => ({
  tooLate: dice.chance(0.7) ? `Cannot Upgrade/Downgrade Resources: ${tooLate}` : `The ${tooLate}`,
  goesFirst: dice.chance(0.5) ? 'oldest' : 'youngest',
});
