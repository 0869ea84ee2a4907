export type SubscriptionStatus = 'pending' | 'active' | 'hold' | 'terminated' | 'removed';
export type SubscriptionAction = 'provision' | 'fail' | 'suspend' | 'resume' | 'end' | 'remove';

/** The life of a subscription: what is absent is refused. Removal follows 30 days after the end (Microsoft's hold period). */
export const subscriptionLifecycle = {
  pending: { provision: 'active', fail: 'removed' },
  active: { suspend: 'hold', end: 'terminated', remove: 'removed' },
  hold: { resume: 'active', end: 'terminated', remove: 'removed' },
  terminated: { remove: 'removed' },
  removed: {},
} as const satisfies Record<SubscriptionStatus, Partial<Record<SubscriptionAction, SubscriptionStatus>>>;

/** Days between the end of a subscription and its removal. */
export const removalDelayDays = 30;
