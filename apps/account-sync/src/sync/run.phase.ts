import { applyPlanPhase, appliedPlanId, type LeasedRun, type Phase } from '@isthmus/sync-engine';
import type { Pool } from 'pg';
import type { WorkerEnv } from '../worker.config.ts';
import { accountsPhase } from '../accounts/account.mirror.ts';
import {
  accountListingPhase,
  confirmAllPhase,
  confirmOnePhase,
  detailsPhase,
  listingPhase,
  scrubPhase,
} from './subscriptions/subscriptions.phase.ts';
import { ordersPhase } from './orders/orders.phase.ts';
import { planMirrors } from './subscriptions/subscription-details.service.ts';
import { ratedLinesPhase, reportSettings, reportsPhase } from '../invoices/import/reports.phase.ts';
import { parseTarget } from './run-target.ts';
import { targetAccounts } from './sync-runs.store.ts';
import { orderEffectsPhase } from './orders/order-effects.phase.ts';

/**
 * The phases of a run, by scope and depth:
 * accounts: the customer list · orders: the tick · reports: rated data · subscriptions/incremental: tick and what it touched ·
 * subscriptions/full: tick, sweep, details, what else the orders touched · subscriptions/scrub: details confirmed longest ago ·
 * one account or contract: the listing of each account and all its details · one subscription: its details · a plan to be applied: what it has read.
 * Runs that may find new accounts or products end with the rated lines that could not be matched without them.
 */
export async function phasesOf(pool: Pool, run: LeasedRun, env: WorkerEnv): Promise<readonly Phase[]> {
  if (appliedPlanId(run.target)) return [applyPlanPhase(planMirrors)];
  if (run.scope === 'accounts') return [accountsPhase, ratedLinesPhase];
  if (run.scope === 'reports') return [ratedLinesPhase, reportsPhase(reportSettings(env))];
  const orders = ordersPhase({ days: env.ORDER_HISTORY_DAYS });
  if (run.scope === 'orders') return [orders];

  const settings = { atOnce: env.DETAILS_AT_ONCE, maxMinutes: env.DETAILS_MAX_MINUTES };
  const accounts = await targetAccounts(pool, run);
  const { providerSubscriptionId } = parseTarget(run.target);
  if (accounts && providerSubscriptionId)
    return [confirmOnePhase(providerSubscriptionId), detailsPhase(settings, accounts), ratedLinesPhase];
  if (accounts)
    return [
      ...accounts.map((account) => accountListingPhase(account, env.DETAILS_AT_ONCE)),
      confirmAllPhase(accounts),
      detailsPhase(settings, accounts),
      ratedLinesPhase,
    ];

  const touched = orderEffectsPhase(env.DETAILS_AT_ONCE);
  if (run.depth === 'scrub') return [scrubPhase(env.SCRUB_DAYS), detailsPhase(settings), ratedLinesPhase];
  if (run.depth === 'incremental') return [orders, touched, ratedLinesPhase];
  return [orders, listingPhase, detailsPhase(settings), touched, ratedLinesPhase];
}
