import type { SubscriptionState } from '@isthmus/subscription-lifecycle/subscriptions/subscription.ts';
import type { ModelSubscription } from '../cmp/model-order.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { OddRecords } from '../mirror/odd-records.ts';
import type { Violation } from './violation.ts';

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

/** What a difference breaks in a story in which some records cannot be read, when it is one of the others. */
export const oddRule = 'an odd record changes nothing for any other';

/** After CMP was read to its end and all news have arrived: what is kept is what CMP has, and it was never older in between. */
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
    // As long as there are rows without an id, nobody may conclude that one is gone.
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

/** Its lines in an order of their own, to compare those of whom tells them in another. */
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
  const told = mirrored.get(id)?.told;
  const rule = 'an odd record keeps what was known of it';
  if (told?.status === 'no-longer-listed' || told?.status !== state?.status)
    return broken(rule, `subscription ${id}: last read ${told?.status ?? 'never'}, kept is ${state?.status}`);
  if (!told?.lines || !state || !('lines' in state)) return;
  const usable = told.lines.every(({ quantity }) => Number.isSafeInteger(quantity));
  const [there, here] = [
    inOrder(told.lines.map(({ mpn, quantity: seats }) => ({ mpn, seats }))),
    inOrder(state.lines ?? []),
  ];
  const wrong = usable
    ? there !== here
    : !(state.lines ?? []).every(({ seats }) => Number.isSafeInteger(seats));
  if (wrong && (state.status === 'active' || state.status === 'pending'))
    broken(rule, `subscription ${id}: last read ${there}, kept is ${here}`);
}
