import type { CmpSubscriptionDetail } from '@isthmus/cmp-client';
import type { PlanMirrors } from '@isthmus/sync-engine';
import { accountMirror } from '../mirrors/account.mirror.ts';
import { subscriptionDetailMirror } from '../mirrors/subscription-detail.mirror.ts';
import { subscriptionMirror } from '../mirrors/subscription.mirror.ts';
import { confirmDetails } from './read-details.ts';
import { detailPlan } from './wanted-details.ts';

const confirmedSql = 'm.detail_confirmed_at';

/** What a plan of account-sync can write. Details go first: they are read after the listing, and say more. */
export const planMirrors: PlanMirrors = {
  [accountMirror.kind]: { mirror: accountMirror },
  [detailPlan]: {
    mirror: subscriptionDetailMirror,
    confirmedSql,
    after: (client, details, origin) => confirmDetails(client, details as CmpSubscriptionDetail[], origin),
  },
  [subscriptionMirror.kind]: { mirror: subscriptionMirror, confirmedSql },
};
