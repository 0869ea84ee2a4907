import type { Dice } from '../dice.ts';

/** What happens to one POST of an order. */
export type PlaceFault =
  | 'none'
  | 'slow'
  | 'not-sent'
  | 'throttled'
  | 'lost-before'
  | 'gateway-before'
  | 'late-accept'
  | 'accepted-lost'
  | 'accepted-gateway'
  | 'accepted-500'
  | 'accepted-500-in-words'
  | 'accepted-500-as-refused'
  | 'accepted-broken'
  | 'hangs-unaccepted'
  | 'hangs-accepted'
  | 'refused'
  | 'refused-in-new-words'
  | 'refused-clearly';

/** Weights out of 100. A third of all answers are lost: far worse than any CMP. */
const weights: Record<PlaceFault, number> = {
  none: 50,
  slow: 6,
  'not-sent': 5,
  throttled: 4,
  'lost-before': 2.5,
  'gateway-before': 1.5,
  'late-accept': 6,
  'accepted-lost': 6,
  'accepted-gateway': 5,
  'accepted-500': 3,
  'accepted-500-in-words': 2,
  'accepted-500-as-refused': 2,
  'accepted-broken': 2,
  'hangs-unaccepted': 1,
  'hangs-accepted': 2,
  refused: 1.5,
  'refused-in-new-words': 1,
  'refused-clearly': 1.5,
};

export function drawPlaceFault(dice: Dice): PlaceFault {
  let roll = dice.next() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  for (const [fault, weight] of Object.entries(weights) as [PlaceFault, number][])
    if ((roll -= weight) < 0) return fault;
  return 'none';
}
