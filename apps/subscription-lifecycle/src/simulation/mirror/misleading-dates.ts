import type { CmpSubscription } from '@isthmus/cmp-client';
import type { Clock } from '@isthmus/domain';
import type { SimulatedCmp } from '../cmp/simulated-cmp.ts';
import type { Dice } from '../dice.ts';

const day = 24 * 3_600_000;

/**
 * CMP as it is in some stories: for some days the dates of subscriptions are told wrongly now and then. On first sight there is
 * nothing that a wrong date could be told by, so that only those of subscriptions that are kept already are wrong.
 */
export function withMisleadingDates(
  cmp: SimulatedCmp,
  isKept: (id: string) => boolean,
  clock: Clock,
  dice: Dice,
): SimulatedCmp {
  const share = dice.pick([0, 0, 0.05, 0.3]);
  const until = clock.now() + dice.between(1, 6) * day;
  const told = <Row extends CmpSubscription>(row: Row): Row =>
    isKept(row.id) && clock.now() < until && dice.chance(share)
      ? { ...row, ...misleading(row, clock.now(), dice) }
      : row;
  const { subscriptions } = cmp;
  return {
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
      get: async (...query) => told(await subscriptions.get(...query)),
    },
  };
}

/** Dates shifted by a time zone, corrected backwards, moved by an upgrade, or at the end of time: nothing has renewed. */
function misleading({ renewalDate = '', creationDate = '' }: CmpSubscription, now: number, dice: Dice) {
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
