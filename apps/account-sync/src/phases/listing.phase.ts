import { mirrorListing, type Phase } from '@isthmus/sync-engine';
import { subscriptionMirror } from '../mirrors/subscription.mirror.ts';
import { switchedOffAccounts, type TargetAccount } from './target.ts';

/** The sweep: every subscription CMP lists, compared with the mirror. It learns what is new, differs or is gone, but no quantities. */
export const listingPhase: Phase = {
  name: 'listing',
  async run(context) {
    const off = await switchedOffAccounts(context);
    await mirrorListing(
      context,
      {
        mirror: subscriptionMirror,
        page: (offset, limit) =>
          context.cmp.subscriptions.page({ offset, limit }, { signal: context.signal }),
        skip: off.size ? (row) => off.has(row.customerId) : undefined,
      },
      off.size ? { where: 'm.cmp_account_id <> all($3)', values: [[...off]] } : {},
    );
  },
};

/** The same for the subscriptions of one account. */
export const accountListingPhase = (account: TargetAccount): Phase => ({
  name: `listing of account ${account.cmpId}`,
  run: (context) =>
    mirrorListing(
      context,
      {
        mirror: subscriptionMirror,
        page: (offset, limit) =>
          context.cmp.subscriptions.page(
            { offset, limit, customerId: account.cmpId },
            { signal: context.signal },
          ),
      },
      { where: 'm.provider_account_id = $3', values: [account.id] },
    ),
});
