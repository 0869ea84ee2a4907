import type { SubscriptionState } from '../../subscriptions/subscription.ts';
import type { ModelSubscription } from '../cmp/model-order.ts';
import type { Violation } from './violation.ts';

interface SubscriptionsAccount {
  atCmp: Iterable<ModelSubscription>;
  kept: ReadonlyMap<string, SubscriptionState>;
  /** Whom each belongs to. */
  owners: ReadonlyMap<string, string>;
  applied: readonly { id: string; version: number }[];
}

/** After CMP was read to its end and all news have arrived: what is kept is what CMP has, and it was never older in between. */
export function checkSubscriptions({ atCmp, kept, owners, applied }: SubscriptionsAccount): Violation[] {
  const violations: Violation[] = [];
  const broken = (rule: string, detail: string) => violations.push({ rule, detail });
  for (const { id, status, quantity, autoRenew, customerId } of atCmp) {
    if (owners.get(id) !== customerId)
      broken(
        'belongs to whom CMP lists it under',
        `subscription ${id}: ${customerId}; kept is ${owners.get(id)}`,
      );
    const state = kept.get(id);
    const seats = state?.lines?.[0]?.seats;
    const same =
      state?.status === status &&
      (status === 'terminated' || (seats === quantity && state.autoRenew === autoRenew));
    if (!same)
      broken(
        'kept as CMP has it',
        `subscription ${id}: ${status}, ${quantity} seats, ${autoRenew}; kept is ${state?.status}, ${seats} seats, ${state?.autoRenew}`,
      );
  }
  const highest = new Map<string, number>();
  for (const { id, version } of applied) {
    if (version <= (highest.get(id) ?? 0))
      broken('versions only grow', `subscription ${id}: ${version} came after ${highest.get(id)}`);
    highest.set(id, Math.max(version, highest.get(id) ?? 0));
  }
  return violations;
}
