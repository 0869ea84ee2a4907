import type { Clock } from '@isthmus/domain';
import {
  lotsForLine,
  reducibleSeats,
} from '@isthmus/subscription-lifecycle/subscriptions/rules/seat-lots.ts';
import type { SubscriptionState } from '@isthmus/subscription-lifecycle/subscriptions/subscription.ts';
import type { ModelCmp } from '../cmp/model-cmp.ts';
import { cancellable, type ModelOrder, type ModelSubscription, returnable } from '../cmp/model-records.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { OddRecords } from '../mirror/reading-faults.ts';
import type { SubscriptionProjection } from '../mirror/subscription-projection.ts';
import type { Random } from '../world/random.ts';
import type { Violation } from './check-orders.ts';

interface SubscriptionsAccount {
  atCmp: Iterable<ModelSubscription>;
  kept: ReadonlyMap<string, SubscriptionState>;
  /** Whom each belongs to. */
  owners: ReadonlyMap<string, string>;
  mirrored: Mirror['subscriptions'];
  odd: OddRecords;
  applied: readonly { id: string; version: number }[];
}

type Broken = (rule: string, detail: string) => void;

/** What a difference breaks in a scenario in which some records cannot be read, when it is one of the others. */
export const oddRule = 'an odd record changes nothing for any other';

/** After CMP was read to its end and all events have arrived: what is kept is what CMP has, and it was never older in between. */
export function checkSubscriptions(account: SubscriptionsAccount): Violation[] {
  const { atCmp, owners, odd, applied } = account;
  const violations: Violation[] = [];
  const broken: Broken = (rule, detail) => violations.push({ rule, detail });
  for (const subscription of atCmp) {
    const { id, customerId, wiped } = subscription;
    if (odd.isOdd(id) && !wiped) {
      checkOdd(id, account, broken);
      continue;
    }
    const different: Broken = (rule, detail) => broken(odd.any ? oddRule : rule, `${rule}: ${detail}`);
    // As long as there are rows without an id, none can be concluded to be gone.
    if (wiped && odd.hidesIds) continue;
    if (wiped) checkWiped(id, account, different);
    else {
      if (owners.get(id) !== customerId)
        different(
          'belongs to whom CMP lists it under',
          `subscription ${id}: ${customerId}; kept is ${owners.get(id)}`,
        );
      checkKept(subscription, account, different);
    }
  }
  const highest = new Map<string, number>();
  for (const { id, version } of applied) {
    if (version <= (highest.get(id) ?? 0))
      broken('versions only grow', `subscription ${id}: ${version} came after ${highest.get(id)}`);
    highest.set(id, Math.max(version, highest.get(id) ?? 0));
  }
  return violations;
}

/** Its lines in an order of their own, to compare lists in different orders. */
const inOrder = (lines: readonly { mpn: string; seats: number }[]): string =>
  lines
    .map(({ mpn, seats }) => `${seats} of ${mpn}`)
    .toSorted()
    .join(', ');

export const linesAtCmp = ({ mpn, quantity, addOn }: ModelSubscription) => [
  { mpn, seats: quantity },
  ...(addOn ? [{ mpn: addOn.mpn, seats: addOn.quantity }] : []),
];

function checkKept(subscription: ModelSubscription, { kept }: SubscriptionsAccount, broken: Broken): void {
  const { id, status, autoRenew } = subscription;
  const state = kept.get(id);
  if (state?.status !== status || (status !== 'terminated' && state.autoRenew !== autoRenew))
    return broken(
      'kept as CMP has it',
      `subscription ${id}: ${status}, ${autoRenew}; kept is ${state?.status}, ${state?.autoRenew}`,
    );
  if (status === 'terminated') return;
  const [there, here] = [inOrder(linesAtCmp(subscription)), inOrder(state.lines ?? [])];
  if (there !== here)
    broken('each line is kept as CMP has it', `subscription ${id}: ${there}; kept is ${here}`);
}

function checkWiped(id: string, { kept }: SubscriptionsAccount, broken: Broken): void {
  const status = kept.get(id)?.status;
  if (status === 'active' || status === 'pending')
    broken('what CMP no longer lists has ended', `subscription ${id} is kept as ${status}`);
}

/** It counts as listed, and what was known of it is kept. */
function checkOdd(id: string, { kept, mirrored }: SubscriptionsAccount, broken: Broken): void {
  const state = kept.get(id);
  const published = mirrored.get(id)?.published;
  const rule = 'an odd record keeps what was known of it';
  if (published?.status === 'no-longer-listed' || published?.status !== state?.status)
    return broken(
      rule,
      `subscription ${id}: last read ${published?.status ?? 'never'}, kept is ${state?.status}`,
    );
  if (!published?.lines || !state || !('lines' in state)) return;
  const usable = published.lines.every(({ quantity }) => Number.isSafeInteger(quantity));
  const [there, here] = [
    inOrder(published.lines.map(({ mpn, quantity: seats }) => ({ mpn, seats }))),
    inOrder(state.lines ?? []),
  ];
  const wrong = usable
    ? there !== here
    : !(state.lines ?? []).every(({ seats }) => Number.isSafeInteger(seats));
  if (wrong && (state.status === 'active' || state.status === 'pending'))
    broken(rule, `subscription ${id}: last read ${there}, kept is ${here}`);
}

/** After CMP was read to its end: every order there that can be read is in the mirror, as it stands. */
export function checkMirror(
  atCmp: readonly ModelOrder[],
  mirrored: ReadonlyMap<string, { status: string }>,
  odd: OddRecords,
): Violation[] {
  return atCmp
    .filter(({ id, status }) => mirrored.get(id)?.status !== status && !odd.isOdd(id))
    .map(({ id, status }) => ({
      rule: odd.any ? oddRule : 'every order is mirrored',
      detail: `order ${id} at CMP is ${status}, in the mirror ${mirrored.get(id)?.status ?? 'missing'}`,
    }));
}

const minute = 60_000;
const hour = 60 * minute;

/**
 * Looks at what is offered while the scenario goes on: where the seats kept are those at CMP, no more of them may be offered
 * to be given back than Microsoft would take, unless an order took some of which there was no event yet. Nor may a whole term be, unless CMP has begun it within the week.
 */
export async function watchWindows(
  subscriptions: SubscriptionProjection,
  model: ModelCmp,
  clock: Clock,
  random: Random,
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
    await clock.sleep(random.between(10, 120) * minute);
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
        // Also shortly before each window is said to close: the scenario may not last a week.
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
