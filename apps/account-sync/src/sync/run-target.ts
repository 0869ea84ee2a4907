import { DomainError, UnusableField } from '@isthmus/domain';
import type { SyncDepth, SyncScope } from '@isthmus/contracts';

/**
 * The restriction of a run: one provider account, those linked to the tenant account of a billing contract, one subscription, or one
 * report.
 */
export interface SyncTarget {
  providerAccountId?: string;
  billingContractId?: string;
  providerSubscriptionId?: string;
  ratedReportId?: string;
}

/** Converts a target to its form in `sync_runs.target`; empty for a run over everything. */
export function printTarget(target: SyncTarget): string {
  const { providerAccountId, billingContractId, providerSubscriptionId, ratedReportId } = target;
  if (providerAccountId) return `provider-account:${providerAccountId}`;
  if (providerSubscriptionId) return `provider-subscription:${providerSubscriptionId}`;
  if (ratedReportId) return `rated-report:${ratedReportId}`;
  return billingContractId ? `billing-contract:${billingContractId}` : '';
}

export function parseTarget(target: string): SyncTarget {
  const id = target.slice(target.indexOf(':') + 1);
  if (target.startsWith('provider-account:')) return { providerAccountId: id };
  if (target.startsWith('provider-subscription:')) return { providerSubscriptionId: id };
  if (target.startsWith('rated-report:')) return { ratedReportId: id };
  return target.startsWith('billing-contract:') ? { billingContractId: id } : {};
}

const depths: Record<SyncScope, readonly SyncDepth[]> = {
  // CMP's customer list has no "changed since".
  accounts: ['full'],
  subscriptions: ['incremental', 'full', 'scrub'],
  orders: ['incremental', 'full'],
  // Reports that were imported are not read again; "full" takes all that CMP lists and tries again what failed.
  reports: ['incremental', 'full'],
};

const narrowing = ['providerAccountId', 'billingContractId', 'providerSubscriptionId'] as const;

/** @throws UnusableField when the parts of a request contradict each other */
export function checkRunRequest({
  scope,
  depth,
  apply = true,
  ...target
}: SyncTarget & { scope: SyncScope; depth: SyncDepth; apply?: boolean }): void {
  const [named, another] = narrowing.filter((field) => target[field]);
  if (another) {
    throw new UnusableField(
      another,
      'A run is for one account, one contract or one subscription.',
      `Leave ${named} or ${another} out.`,
    );
  }
  if (named && scope !== 'subscriptions') {
    const nextStep = `Leave ${named} out, or use the scope "subscriptions".`;
    throw new UnusableField(named, `The scope "${scope}" is always read for the whole connector.`, nextStep);
  }
  if (named && depth === 'scrub') {
    const nextStep = `Leave ${named} out, or use the depth "full", which reads everything.`;
    throw new UnusableField(
      named,
      'A scrub selects the records confirmed longest ago automatically.',
      nextStep,
    );
  }
  if (!depths[scope].includes(depth)) {
    const nextStep = `Use ${depths[scope].map((one) => `"${one}"`).join(' or ')}.`;
    throw new UnusableField('depth', `The scope "${scope}" has no depth "${depth}".`, nextStep);
  }
  if (!apply && named === 'providerSubscriptionId') {
    const nextStep = 'Plan the account of the subscription.';
    throw new UnusableField('apply', 'A single subscription is read, not planned.', nextStep);
  }
  if (!apply && scope === 'orders') {
    const nextStep = 'Plan the scope "subscriptions", which shows the changes made by orders.';
    throw new UnusableField(
      'apply',
      'Orders are stored as CMP lists them; there is nothing to plan.',
      nextStep,
    );
  }
  if (!apply && scope === 'subscriptions' && depth !== 'full') {
    const nextStep = 'Use the depth "full", if need be for one account.';
    throw new UnusableField('depth', 'A plan compares whole lists.', nextStep);
  }
}

/** A user has disabled the sync of this account. */
export class AccountSyncDisabled extends DomainError {
  static override readonly code = 'provider-account.sync-disabled';
  constructor(what: string) {
    super(`The sync of ${what} is switched off.`, {
      nextStep: 'Set "syncEnabled" of the account to true, then start the run again.',
    });
  }
}

/** CMP's last complete listing did not have it any more. */
export class ProviderAccountGone extends DomainError {
  static override readonly code = 'provider-account.gone';
  constructor(readonly providerAccountId: string) {
    super(`CMP no longer lists provider account ${providerAccountId}, so there is nothing to read.`, {
      nextStep: 'Sync the provider accounts first, in case it is listed again.',
    });
  }
}
