import { mirrorListing, type Phase } from '@isthmus/sync-engine';
import { accountMirror } from '../mirrors/account.mirror.ts';

/** Sync Provider Accounts: CMP's whole customer list. */
export const accountsPhase: Phase = {
  name: 'accounts',
  run: (context) =>
    mirrorListing(context, {
      mirror: accountMirror,
      page: (offset, limit) => context.cmp.customers.page({ offset, limit }, { signal: context.signal }),
    }),
};
