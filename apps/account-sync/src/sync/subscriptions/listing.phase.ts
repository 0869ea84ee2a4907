import {
  countMoved,
  mirrorListing,
  type LookFurther,
  type Phase,
  type RunContext,
} from '@isthmus/sync-engine';
import { subscriptionMirror } from '../../subscriptions/subscription.mirror.ts';
import { fetchDetails, planDetails, storeDetails } from './subscription-details.service.ts';
import { switchedOffAccounts, type TargetAccount } from '../sync-runs.store.ts';

const ownerColumn = subscriptionMirror.columns.findIndex(({ name }) => name === 'cmp_account_id');

/** The sweep: every subscription CMP lists, compared with the mirror. It finds what is new, differs or is gone, but no quantities. */
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
        // One that an account with sync on has lost to one with sync off is a change of the former: it must not stay where it is billed.
        skip: off.size
          ? {
              listed: ({ customerId }) => off.has(customerId),
              stored: ({ values }) => off.has(values[ownerColumn]!),
            }
          : undefined,
      },
      off.size ? { where: 'm.cmp_account_id <> all($3)', values: [[...off]] } : {},
    );
  },
};

/** The same for the subscriptions of one account. One it no longer has may have been transferred: it is read from CMP by its id. */
export const accountListingPhase = (account: TargetAccount, atOnce: number): Phase => ({
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
      readMissingById(context, atOnce),
    ),
});

/** For more than these at once there is the breaker. */
const mostReadById = 50;

const readMissingById =
  (context: RunContext, atOnce: number): LookFurther =>
  async (missing, moves) => {
    const cmp = context.cmp.inLane('interactive');
    const wanted = missing
      .filter(({ live }) => live)
      .slice(0, mostReadById)
      .map(({ id, cmp_id: cmpId }) => ({ id, cmpId }));
    const elsewhere = new Set<string>();
    let moved = moves.count;
    for (let done = 0; done < wanted.length; done += atOnce) {
      const some = wanted.slice(done, done + atOnce);
      const reading = await fetchDetails(context, cmp, some);
      const failed = reading.failed.filter(({ notFound }) => !notFound);
      const still = { ...reading, failed };
      moved += countMoved(reading.comparison.differences);
      const stores = context.run.apply && moved <= moves.limit;
      await (stores ? storeDetails : planDetails)(context, still, { done, total: wanted.length });
      for (const { id } of [...reading.comparison.rows, ...failed.map((one) => one.wanted)])
        elsewhere.add(id);
    }
    return { elsewhere, moved };
  };
