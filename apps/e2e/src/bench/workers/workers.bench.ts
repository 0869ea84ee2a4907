import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Finding, inTurns, shownSpread, spread } from '../measuring.ts';
import { endAll } from '../stack/processes.ts';
import { startSyncStack, type SyncStack } from '../stack/sync-stack.ts';
import { arrivedCalls, behave, createConnectors, forgetCalls, startWorkers } from './sync-workers.ts';
import type { ArrivedCall } from './limited-cmp.ts';

const pairs = Number(process.env.BENCH_PAIRS ?? 3);
const measuredMinutes = Number(process.env.BENCH_MINUTES ?? 3);
const connectors = 16;
const latencyMs = 40;
/** Of each connector; a third are live. */
const subscriptions = 100;
const everyRow = 500;

/**
 * P6, P6b, P6c: what several sync workers add, and how much of a call limit they use together. CMP is a stand-in that answers after
 * 40 ms, counts calls by its own clock and refuses those above its limit. `npm run bench workers P6b` measures one of them.
 */
export async function measure(): Promise<Finding[]> {
  const stack = await startSyncStack({
    customers: 5,
    subscriptions,
    cachePages: false,
    front: fileURLToPath(new URL('./limited-cmp.js', import.meta.url)),
    now: new Date().toISOString(),
  });
  const parts = { P6: scaling, P6b: knownLimit, P6c: unknownLimit };
  const chosen = process.argv.slice(3);
  try {
    const findings: Finding[] = [];
    for (const [id, part] of Object.entries(parts))
      if (chosen.length === 0 || chosen.includes(id)) findings.push(...(await part(stack)));
    return findings;
  } finally {
    await endAll();
  }
}

/**
 * P6: the time of one worker / n times that of n workers, for a full sync of 16 connectors, each with a subscription key of its own, so
 * that their number is all they share. Each worker works on one run at a time and reads one detail at a time: what it does is wait for
 * CMP, as it would in production, where CMP takes longer and allows one call a second. With the defaults (four runs, eight details each) a
 * single worker would keep both cores busy, and nothing could be said about several.
 */
async function scaling(stack: SyncStack): Promise<Finding[]> {
  await behave(stack, { latencyMs, pageRows: everyRow, limit: null });
  const ids = await createConnectors(stack, connectors, { perMinute: 1_000_000 });
  const env = { SYNC_CONCURRENCY: '1', DETAILS_AT_ONCE: '1', DETAILS_MAX_MINUTES: '50' };
  let details = 0;
  const timed = async (count: number): Promise<number> => {
    const workers = await startWorkers(stack, ids, count, env);
    try {
      // Fills the mirror and warms up the code, and is not counted.
      await workers.queueRuns();
      await workers.untilAllSucceeded();
      details = await workers.requestDetails();
      await workers.queueRuns();
      return await workers.untilAllSucceeded();
    } finally {
      await workers.stop();
    }
  };
  process.stderr.write(`Full sync of ${connectors} connectors by 1, 2, 4 workers, ms:\n`);
  const rounds = await inTurns(pairs, { one: () => timed(1), two: () => timed(2), four: () => timed(4) });
  const efficiency = (count: number, side: 'two' | 'four', must: number, aim: number): Finding => {
    const shown = spread(rounds.map((round) => round.one / (count * round[side])));
    return {
      id: 'P6',
      what: `time of 1 worker / ${count} × that of ${count}, ${details} details of ${connectors} connectors`,
      figure: shownSpread(shown, ''),
      must: `≥ ${must}`,
      aim: String(aim),
      passed: shown.median >= must,
    };
  };
  return [efficiency(2, 'two', 0.9, 0.95), efficiency(4, 'four', 0.8, 0.9)];
}

const perMinute = 60;

/** P6b: the share of a known limit that workers use together, and whether CMP ever has to refuse a call. */
async function knownLimit(stack: SyncStack): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const count of [1, 2, 4]) findings.push(await shareOf(stack, count, 'lists'));
  // What sweeps read of their own accord leaves calls to orders and users as soon as there are any.
  findings.push(await shareOf(stack, 2, 'details'));
  return findings;
}

async function shareOf(stack: SyncStack, count: number, what: 'lists' | 'details'): Promise<Finding> {
  // Pages of two rows that are new, besides those that are read twice: many calls in the lane of syncs.
  const pageRows = what === 'lists' ? 12 : everyRow;
  await behave(stack, { latencyMs, pageRows, limit: { kind: 'window', perMinute } });
  const key = `known-${what}-${count}`;
  const ids = await createConnectors(stack, connectors, { key, perMinute });
  const workers = await startWorkers(stack, ids, count, {
    DETAILS_MAX_MINUTES: what === 'lists' ? '0.01' : '50',
  });
  try {
    await forgetCalls(stack);
    await workers.queueRuns();
    const from = Date.now();
    await sleep((1 + measuredMinutes) * 60_000);
    const calls = (await arrivedCalls(stack)).filter(({ at }) => at < from + (1 + measuredMinutes) * 60_000);
    // The first minute begins with a burst, and in an empty window.
    const used = acceptedIn(calls, from + 60_000, measuredMinutes * 60_000) / (perMinute * measuredMinutes);
    const [refused, inside] = [countRefused(calls), countInside(calls)];
    process.stderr.write(
      `  ${what}, ${count} workers: ${calls.length} calls, in each 5 s: ${inEach(calls, from, 5_000)}\n`,
    );
    return {
      id: 'P6b',
      what: `share of ${perMinute} calls a minute used by ${count} for ${what}; refused; inside Retry-After`,
      figure: `${(used * 100).toFixed(1)} %; ${refused}; ${inside}`,
      must: '97–100 %; 0; 0',
      aim: '99 %',
      passed: used >= 0.97 && used <= 1 && refused === 0 && inside === 0,
    };
  } finally {
    await workers.stop();
  }
}

const rate = 600;
const [settledAfterMs, halvedAfterMs, watchedMs] = [30_000, 90_000, 60_000];
/** Too short a time says nothing about a share: within it there may be one of the refusals by which the limit is found. */
const windowMs = 20_000;

/** P6c: the share of a limit that nobody knows, once it has been found, and how soon half of it is found. */
async function unknownLimit(stack: SyncStack): Promise<Finding[]> {
  const regime = { latencyMs, pageRows: 11 };
  await behave(stack, { ...regime, limit: { kind: 'rate', perMinute: rate } });
  const ids = await createConnectors(stack, 2 * connectors, { key: 'unknown', perMinute: null });
  const workers = await startWorkers(stack, ids, 2, { DETAILS_MAX_MINUTES: '50' });
  try {
    await forgetCalls(stack);
    await workers.queueRuns();
    const from = Date.now();
    await sleep(halvedAfterMs);
    const halved = Date.now();
    await behave(stack, { ...regime, limit: { kind: 'rate', perMinute: rate / 2 } });
    await sleep(watchedMs);
    const calls = await arrivedCalls(stack);
    const foundMs = halvedAfterMs - settledAfterMs;
    const used = acceptedIn(calls, from + settledAfterMs, foundMs) / ((rate * foundMs) / 60_000);
    const recoveredMs = recoveryTime(calls, halved);
    process.stderr.write(`  accepted, refused in each 5 s: ${inEach(calls, from, 5_000)}\n`);
    const inside = countInside(calls);
    const after = calls.filter(({ at }) => at >= halved + 10_000);
    return [
      {
        id: 'P6c',
        what: `share used of an unknown ${rate} calls a minute, ${settledAfterMs / 1000} s after the start`,
        figure: `${(used * 100).toFixed(1)} %`,
        must: '≥ 90 %',
        aim: '',
        passed: used >= 0.9,
      },
      {
        id: 'P6c',
        what: 'limit halved: until at least 90 % of it are used and its refusals are over; inside Retry-After',
        figure: `${(recoveredMs / 1000).toFixed(1)} s; ${inside}`,
        must: '≤ 10 s; 0',
        aim: '',
        passed: recoveredMs <= 10_000 && inside === 0,
      },
      {
        id: 'P6c',
        what: 'afterwards: calls; refused, by which the limit is known',
        figure: `${after.length}; ${countRefused(after)}`,
        must: '–',
        aim: '–',
        passed: true,
      },
    ];
  } finally {
    await workers.stop();
  }
}

/** Refusals further apart than this are those by which the budget looks for a higher limit. */
const burstMs = 3_000;

/** From the halving to the last refusal of the burst that it causes, or later, until the share is what it should be. */
function recoveryTime(calls: readonly ArrivedCall[], halved: number): number {
  let at = halved;
  for (const call of calls) if (call.refused && call.at >= halved && call.at < at + burstMs) at = call.at;
  const enough = (0.9 * (rate / 2) * windowMs) / 60_000;
  for (; at < halved + watchedMs - windowMs; at += 100)
    if (acceptedIn(calls, at, windowMs) >= enough) return at - halved;
  return Infinity;
}

/** For whoever looks for the cause of a figure. */
function inEach(calls: readonly ArrivedCall[], from: number, ms: number): string {
  const counts: [accepted: number, refused: number][] = [];
  for (const { at, refused } of calls)
    (counts[Math.max(0, Math.floor((at - from) / ms))] ??= [0, 0])[refused ? 1 : 0] += 1;
  return Array.from(counts, (count = [0, 0]) => count.join(' ')).join(', ');
}

const acceptedIn = (calls: readonly ArrivedCall[], from: number, ms: number): number =>
  calls.filter(({ at, refused }) => !refused && at >= from && at < from + ms).length;

const countRefused = (calls: readonly ArrivedCall[]): number => calls.filter(({ refused }) => refused).length;

/** A call that was on its way before the refusal of another one could be read, and be known to all workers, is not to blame. */
const onTheWayMs = 50;

/** The calls that were made although CMP had requested a wait. */
function countInside(calls: readonly ArrivedCall[]): number {
  const after = calls.flatMap(({ insideRetryAfter }) => insideRetryAfter ?? []).sort((a, b) => a - b);
  if (after.length)
    process.stderr.write(`  arrived after a refusal had been sent, ms: ${after.join(', ')}\n`);
  return after.filter((ms) => ms > onTheWayMs).length;
}
