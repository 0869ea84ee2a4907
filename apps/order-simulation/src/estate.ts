import type { Period } from '@isthmus/domain';
import type { Dice } from './dice.ts';
import type { ModelCmp } from './cmp/model-cmp.ts';
import type { ModelSubscription } from './cmp/model-order.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
export const mpns = ['CFQ7TTC0LH16:0001', 'CFQ7TTC0LDPB:0001'] as const;

/** The ways in which each of them is sold: the same mpn in several terms. */
export const ways = [
  { term: { type: 'month', duration: 1 }, billingPeriod: { type: 'month', duration: 1 } },
  { term: { type: 'year', duration: 1 }, billingPeriod: { type: 'month', duration: 1 } },
  { term: { type: 'year', duration: 1 }, billingPeriod: { type: 'year', duration: 1 } },
  { term: { type: 'year', duration: 3 }, billingPeriod: { type: 'month', duration: 1 } },
] as const satisfies readonly { term: Period; billingPeriod: Period }[];

/** Sold beside them. */
const addOnMpn = 'CFQ7TTC0HL8Z:0001';

const monthly = { term: ways[0].term, billing: ways[0].billingPeriod };

/** What a customer has when the story begins. */
export interface Estate {
  /** The windows of some close while the story goes on. */
  ordered: ModelSubscription[];
  /** Its term ends within days, so that a change can be kept for its renewal. */
  renewing: ModelSubscription;
  /** Changed in the portal only. */
  leftAlone: ModelSubscription;
}

export function drawEstate(model: ModelCmp, customerId: string, now: number, dice: Dice): Estate {
  const open = (mpn: string, at: number, terms?: ModelSubscription['terms']) =>
    model.open(
      { customerId, mpn, terms, quantity: dice.between(1, 40), status: 'active', addOn: addOn() },
      at,
    );
  const addOn = () => (dice.chance(0.4) ? { mpn: addOnMpn, quantity: dice.between(1, 40) } : undefined);
  // Bought a week ago but for some hours, or long ago.
  const bought = () =>
    dice.chance(0.5)
      ? now - 7 * day + dice.between(-30 * minute, 20 * hour)
      : now - dice.between(1, 300) * day - dice.between(0, day);
  const endsAfter = dice.between(2 * hour, 4 * day);
  return {
    ordered: mpns.map((mpn) => open(mpn, bought())),
    renewing: open(mpns[0], now + endsAfter - 30 * day, monthly),
    leftAlone: open(mpns[1], bought()),
  };
}
