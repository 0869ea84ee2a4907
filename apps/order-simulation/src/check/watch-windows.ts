import type { Clock } from '@isthmus/domain';
import {
  lotsForLine,
  reducibleSeats,
} from '@isthmus/subscription-lifecycle/subscriptions/rules/seat-lots.ts';
import type { ModelCmp } from '../cmp/model-cmp.ts';
import type { ModelSubscription } from '../cmp/model-order.ts';
import { cancellable, returnable } from '../cmp/model-term.ts';
import type { KeptSubscriptions } from '../mirror/kept-subscriptions.ts';
import { linesAtCmp } from './check-subscriptions.ts';
import type { Dice } from '../dice.ts';
import type { Violation } from './violation.ts';

const minute = 60_000;
const hour = 60 * minute;

/**
 * Looks at what is offered while the story goes on: where the seats kept are those at CMP, no more of them may be offered
 * to be given back than Microsoft would take, unless an order took some of which there were no news yet. Nor may a whole term be, unless CMP has begun it within the week.
 */
export async function watchWindows(
  subscriptions: KeptSubscriptions,
  model: ModelCmp,
  clock: Clock,
  dice: Dice,
  violations: Violation[],
): Promise<never> {
  const { states: kept } = subscriptions;
  const tookUnseen = ({ id }: ModelSubscription) =>
    model.orders.some(
      (order) =>
        order.subscriptionId === id &&
        order.completedAt !== undefined &&
        order.lines.some(({ quantity }) => quantity < 0) &&
        !subscriptions.known(id).some((known) => known.id === order.id),
    );
  for (;;) {
    await clock.sleep(dice.between(10, 120) * minute);
    model.settle();
    const now = clock.now();
    for (const subscription of model.subscriptions.values()) {
      const { lots, lines, termStartedAt, evidence } = kept.get(subscription.id) ?? {};
      // By CMP's ledger: a purchase or a renewal that it has carried out began the term, and nothing else did.
      const began = Math.floor((termStartedAt ?? -Infinity) / minute) * minute;
      const until = began + 168 * hour - 2 * minute;
      for (const at of [now, until].filter((one) => one >= now && one <= until))
        if (!cancellable(subscription, at) || evidence?.extendedSince)
          violations.push({
            rule: 'no window opens without an explanation',
            detail: `subscription ${subscription.id}: its term is said to have begun ${new Date(began).toISOString()}, it began ${new Date(subscription.termBegan).toISOString()}`,
          });
      for (const { mpn, seats } of linesAtCmp(subscription)) {
        if (!lots || lines?.find((line) => line.mpn === mpn)?.seats !== seats) continue;
        const own = lotsForLine(lots, { mpn });
        // Also shortly before each window is said to close: nobody waits a week to find out.
        const closings = own.map(({ addedAt }) => addedAt + 168 * hour - 2 * minute).filter((at) => at > now);
        for (const at of [now, ...closings]) {
          const offered = reducibleSeats(own, at);
          // What is beside the product came with the term.
          const beside = cancellable(subscription, at) ? seats : 0;
          const taken = mpn === subscription.mpn ? returnable(subscription, at) : beside;
          if (offered > taken && !tookUnseen(subscription))
            violations.push({
              rule: 'no window is offered that has closed',
              detail: `subscription ${subscription.id}: ${offered} seats of ${mpn} are offered at ${new Date(at).toISOString()}, ${taken} would be taken`,
            });
        }
      }
    }
  }
}
