import type { SubscriptionLifecycleEnv } from '../config.ts';
import type { WarningRules } from '../domain/schedule/warnings.ts';

const numbers = (list: string): number[] => (list === '' ? [] : list.split(',').map(Number));

/** The settings in the words of the domain. */
export const warningRulesOf = ({
  WINDOW_WARNING_HOURS,
  RENEWAL_WARNING_DAYS,
}: Pick<SubscriptionLifecycleEnv, 'WINDOW_WARNING_HOURS' | 'RENEWAL_WARNING_DAYS'>): WarningRules => ({
  windowHours: numbers(WINDOW_WARNING_HOURS),
  renewalDays: numbers(RENEWAL_WARNING_DAYS),
});
