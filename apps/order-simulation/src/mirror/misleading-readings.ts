import type { CmpSubscription, CmpSubscriptionDetail } from '@isthmus/cmp-client';
import type { Clock } from '@isthmus/domain';
import type { SubscriptionState } from '@isthmus/subscription-lifecycle/subscriptions/subscription.ts';
import type { SimulatedCmp } from '../cmp/simulated-cmp.ts';
import type { Dice } from '../dice.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** CMP as a reader sees it, who may be misled. */
export interface SeenCmp {
  cmp: SimulatedCmp;
  /** From when on quantities are told as they are. */
  truthfulFrom: number;
}

/**
 * CMP as it is in some stories: for some days dates and quantities of subscriptions are told wrongly now and then, and
 * rightly again at the next reading. On first sight there is nothing that a wrong value could be told by, so that only
 * those of subscriptions that are kept already are wrong.
 */
export function withMisleadingReadings(
  cmp: SimulatedCmp,
  kept: ReadonlyMap<string, SubscriptionState>,
  clock: Clock,
  dice: Dice,
): SeenCmp {
  const dates = { share: dice.pick([0, 0, 0.05, 0.3]), until: clock.now() + dice.between(1, 6) * day };
  const seats = { share: dice.pick([0, 0, 0.05, 0.3]), until: clock.now() + dice.between(4, 36) * hour };
  const misled = ({ share, until }: typeof dates, known: unknown) =>
    share > 0 && known && clock.now() < until && dice.chance(share);
  const told = <Row extends CmpSubscription>(row: Row): Row =>
    misled(dates, kept.get(row.id)) ? { ...row, ...otherDates(row, clock.now(), dice) } : row;
  const flickering = (detail: CmpSubscriptionDetail) =>
    misled(seats, kept.get(detail.id)?.lines) ? { ...detail, products: otherSeats(detail, dice) } : detail;
  const { subscriptions } = cmp;
  const seen: SimulatedCmp = {
    ...cmp,
    subscriptions: {
      ...subscriptions,
      async page(...query) {
        const page = await subscriptions.page(...query);
        const records = page.records.map((record) =>
          record.ok ? { ...record, value: told(record.value) } : record,
        );
        return { ...page, records };
      },
      get: async (...query) => flickering(told(await subscriptions.get(...query))),
    },
  };
  return { cmp: seen, truthfulFrom: seats.share > 0 ? seats.until : 0 };
}

/** Dates shifted by a time zone, corrected backwards, moved by an upgrade, or at the end of time: nothing has renewed. */
function otherDates({ renewalDate = '', creationDate = '' }: CmpSubscription, now: number, dice: Dice) {
  const shifted = (text: string, days: number) =>
    new Date(Date.parse(text) + days * day).toISOString().slice(0, 10);
  return dice.pick([
    { renewalDate: shifted(renewalDate, dice.pick([-1, 1])) },
    { renewalDate: shifted(renewalDate, dice.pick([730, 1_095])) },
    { renewalDate: '9999-12-31' },
    { renewalDate: shifted(new Date(now).toISOString().slice(0, 10), -dice.between(2, 9)) },
    { creationDate: shifted(creationDate, dice.between(1, 300)) },
  ]);
}

/** Fewer seats, none, more, or many more of one product: nothing was ordered or given back. */
function otherSeats({ products }: CmpSubscriptionDetail, dice: Dice): CmpSubscriptionDetail['products'] {
  const wrong = dice.between(0, products.length - 1);
  return products.map((product, index) => {
    if (index !== wrong) return product;
    const { quantity } = product;
    const fewer = dice.between(0, Math.max(0, quantity - 1));
    return {
      ...product,
      quantity: dice.pick([fewer, fewer, 0, quantity + dice.between(1, 9), quantity * 10]),
    };
  });
}
