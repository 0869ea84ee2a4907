import type { CmpSubscription, CmpSubscriptionDetail } from '@isthmus/cmp-client';
import {
  ApprovalNeeded,
  compareRecords,
  countMoved,
  type Difference,
  allowedEndings,
  type FindRelocated,
  mirrorListing,
  type Phase,
  plannedCounts,
  toPlannedRecord,
  type RunContext,
} from '@isthmus/sync-engine';
import { subscriptionDetailMirror, subscriptionMirror } from '../../subscriptions/subscription.mirror.ts';
import { switchedOffAccounts, type TargetAccount } from '../sync-runs.store.ts';
import { fetchDetails, planDetails, type Reading, storeDetails } from './subscription-details.service.ts';
import {
  beginDetailQueue,
  countRequestedDetails,
  type DetailQueueCursor,
  nextRequestedDetails,
} from './detail-queue.store.ts';
import {
  countLive,
  plannedListing,
  requestAllDetails,
  requestDetail,
  detailsForPlan,
  retryFailedDetailsNow,
  requestOldestDetails,
} from './requested-details.store.ts';

interface DetailSettings {
  /** Details requested concurrently. */
  atOnce: number;
  /** A run stops reading details after this long; what is left waits for the next run. */
  maxMinutes: number;
}

/** Progress of the phase; committed with every batch. */
interface DetailsState {
  place: DetailQueueCursor;
  /** Seats that live subscriptions have lost, or would lose. */
  fewer: number;
  /** Live subscriptions that other customers have now, or would have. */
  moved: number;
  /** The breaker opened: from that batch on the phase only plans. */
  held: boolean;
}

/**
 * Reads the requested details, one call to CMP each; what is billed comes first (see `nextRequestedDetails`). Throws `ApprovalNeeded`,
 * with the plan in the run's records, if that would remove more seats, or move more subscriptions, than the breaker allows. A
 * plan reads the subscriptions that differ in its listing.
 */
export const detailsPhase = (settings: DetailSettings, accounts?: readonly TargetAccount[]): Phase => ({
  name: 'details',
  run: (context) => {
    const ids = accounts?.map((account) => account.id);
    return context.run.apply ? applyDetails(context, settings, ids) : planAllDetails(context, settings, ids);
  },
});

async function applyDetails(
  context: RunContext,
  settings: DetailSettings,
  ids: readonly string[] | undefined,
): Promise<void> {
  const { run } = context;
  const cmp = context.cmp.inLane(laneFor(context));
  const until = Date.now() + settings.maxMinutes * 60_000;
  const resumed = context.resumeState<DetailsState>();
  if (!resumed && run.trigger === 'person') await retryFailedDetailsNow(context, ids);
  let state = resumed ?? { place: await beginDetailQueue(context), fewer: 0, moved: 0, held: false };
  const total = await countRequestedDetails(context, ids, state.place);
  if (total === 0 && !state.held) return;
  const { seats, subscriptions } = await countLive(context);
  const mayMove = allowedEndings(context.breaker, subscriptions, run.movesApproved);
  const limit = context.breaker.seats
    ? allowedEndings(context.breaker.seats, seats, run.seatsApproved)
    : Infinity;
  for (let done = 0; Date.now() < until;) {
    const wanted = await nextRequestedDetails(context, ids, state.place, settings.atOnce, state.held);
    if (!wanted.details.length) break;
    const reading = await fetchDetails(context, cmp, wanted.details, Date.parse(state.place.until));
    const fewer = state.fewer + seatsTakenBy(reading);
    const moved = (state.moved ?? 0) + countMoved(reading.comparison.differences);
    const held = state.held || fewer > limit || moved > mayMove;
    // Details that an interrupted batch did not read are still marked for reading; a plan moves on, because it would otherwise
    // repeat what it has already read.
    const place = reading.broken && !held ? state.place : wanted.place;
    state = { place, fewer, moved, held };
    await (state.held ? planDetails : storeDetails)(context, reading, { done, total, state });
    done += wanted.details.length;
  }
  if (!state.held) return;
  const { fewer, moved } = state;
  throw new ApprovalNeeded(
    {
      end: 0,
      of: 0,
      limit: 0,
      ...(fewer > limit && { seats: { fewer, of: seats, limit } }),
      ...(moved > mayMove && { moved: { count: moved, of: subscriptions, limit: mayMove } }),
    },
    'subscription',
  );
}

/** Seats that subscriptions which are still live would lose. Endings are counted by the listing. */
const seatsTakenBy = ({ comparison }: Reading): number =>
  comparison.differences.reduce((sum, difference) => sum + seatsTaken(difference), 0);

const quantityAt = subscriptionDetailMirror.columns.findIndex(({ name }) => name === 'quantity');

function seatsTaken({ kind, row, stored }: Difference<CmpSubscriptionDetail>): number {
  const before = stored?.values[quantityAt];
  const after = row.values[quantityAt];
  if (kind === 'ended' || stored?.gone || before == null || after == null) return 0;
  return Math.max(0, Number(before) - Number(after));
}

/** Plans all differences of live subscriptions from the mirror, including seats and prices. */
async function planAllDetails(
  context: RunContext,
  settings: DetailSettings,
  ids: readonly string[] | undefined,
): Promise<void> {
  const cmp = context.cmp.inLane(laneFor(context));
  const until = Date.now() + settings.maxMinutes * 60_000;
  const wanted = await detailsForPlan(context, ids);
  let done = 0;
  while (done < wanted.length && Date.now() < until) {
    const some = wanted.slice(done, done + settings.atOnce);
    const reading = await fetchDetails(context, cmp, some);
    await planDetails(context, reading, { done, total: wanted.length });
    done += some.length;
    const unread = reading.failed.map(({ wanted: { id } }) => id);
    if (unread.length)
      await planFromListing(context, unread, 'The detail could not be read: seats and prices are not shown.');
  }
  const rest = wanted.slice(done).map(({ id }) => id);
  for (let from = 0; from < rest.length; from += 500)
    await planFromListing(
      context,
      rest.slice(from, from + 500),
      'The time limit for reading details was reached: seats and prices are not shown.',
    );
}

/** The differences that the list alone shows, for subscriptions whose detail the plan does not have. */
async function planFromListing(context: RunContext, ids: readonly string[], reason: string): Promise<void> {
  const listed = await plannedListing<CmpSubscription>(context, ids);
  const { tenantId, connectorId } = context.run;
  const origin = { tenantId, connectorId, asOf: new Date().toISOString() };
  const { differences } = await compareRecords(context.pool, subscriptionMirror, origin, listed);
  const shown = differences.filter(({ kind, changed }) => kind !== 'changed' || changed.length > 0);
  if (shown.length)
    await context.commit({
      done: 0,
      counts: plannedCounts(shown),
      records: shown.map((difference) => ({ ...toPlannedRecord(subscriptionMirror, difference), reason })),
    });
}

/** A user waits for a run of one account; a sweep's backlog and a scrub use the calls that others leave. */
function laneFor({ run }: RunContext): 'interactive' | 'sync' | 'scrub' {
  if (run.target) return 'interactive';
  return run.depth === 'incremental' ? 'sync' : 'scrub';
}

/** Requests the details confirmed longest ago: CMP may change a subscription without an order or a date that shows it. */
export const scrubPhase = (days: number): Phase => ({
  name: 'scrub',
  run: (context) => (context.run.apply ? requestOldestDetails(context, days) : Promise.resolve()),
});

/**
 * Requests all details of a few accounts: CMP dates a change by the day, so a second change on the same day does not show in
 * its lists.
 */
export const confirmAllPhase = (accounts: readonly TargetAccount[]): Phase => ({
  name: 'confirm all',
  run: (context) =>
    context.run.apply
      ? requestAllDetails(
          context,
          accounts.map(({ id }) => id),
        )
      : Promise.resolve(),
});

/** Requests the details of one subscription. */
export const confirmOnePhase = (id: string): Phase => ({
  name: 'confirm one',
  run: (context) => requestDetail(context, id),
});

/**
 * The sweep: compares every subscription that CMP lists with the mirror. It detects new, changed and removed subscriptions, but
 * no quantities.
 */
export const listingPhase: Phase = {
  name: 'listing',
  async run(context) {
    const off = await switchedOffAccounts(context);
    await mirrorListing(
      context,
      {
        mirror: subscriptionMirror,
        page: (offset, limit, known) =>
          context.cmp.subscriptions.pageAgainst(known!, { offset, limit }, { signal: context.signal }),
        // A subscription that moved from an account with sync enabled to one with sync disabled is a change of the former: it
        // must not stay where it is billed.
        skip: off.size ? off : undefined,
      },
      off.size ? { where: 'm.cmp_account_id <> all($3)', values: [[...off]] } : {},
    );
  },
};

/**
 * Reads the subscriptions of one account in the same way. A subscription that the account no longer has may have been
 * transferred: it is read from CMP by its id.
 */
export const accountListingPhase = (account: TargetAccount, atOnce: number): Phase => ({
  name: `listing of account ${account.cmpId}`,
  run: (context) =>
    mirrorListing(
      context,
      {
        mirror: subscriptionMirror,
        page: (offset, limit, known) => {
          const query = { offset, limit, customerId: account.cmpId };
          return context.cmp.subscriptions.pageAgainst(known!, query, { signal: context.signal });
        },
      },
      { where: 'm.provider_account_id = $3', values: [account.id] },
      readMissingById(context, atOnce),
    ),
});

/** Above this number, the breaker applies. */
const maxReadById = 50;

const readMissingById =
  (context: RunContext, atOnce: number): FindRelocated =>
  async (missing, moves) => {
    const cmp = context.cmp.inLane('interactive');
    const wanted = missing
      .filter(({ live }) => live)
      .slice(0, maxReadById)
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
