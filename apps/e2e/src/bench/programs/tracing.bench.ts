import { type Finding, inTurns, spread } from '../measuring.ts';
import { startOrderStack } from '../stack/order-stack.ts';
import { endAll } from '../stack/processes.ts';
import { startSyncStack, startTraceSink } from '../stack/sync-stack.ts';
import { timeFirstSync } from '../stack/sync-worker.ts';

// Many rounds: what is looked for is less than what the machine's other programs make of one.
const pairs = Number(process.env.BENCH_PAIRS ?? 11);
const subscriptions = Number(process.env.BENCH_SUBSCRIPTIONS ?? 50_000);
const orders = Number(process.env.BENCH_ORDERS ?? 1_000);

/**
 * P8: what tracing costs, as a share of the rate without it: of syncing (P1) and of accepting orders (P4). Traced is as in production,
 * one trace of ten sampled and sent over OTLP/HTTP to a sink on this machine that discards it; without tracing there is no collector.
 * The floor is the same program without tracing, in turns.
 */
export async function measure(): Promise<Finding[]> {
  const syncing = await ofSyncing();
  await endAll();
  return [syncing, await ofOrders()];
}

async function ofSyncing(): Promise<Finding> {
  const stack = await startSyncStack({
    customers: subscriptions / 20,
    subscriptions,
    cachePages: true,
    now: '2026-11-02T09:00:00Z',
  });
  const timed = (traces: boolean) => timeFirstSync(stack, subscriptions, { relay: 'later', traces });
  await timed(true); // fills the page server, and is not counted
  process.stderr.write(`Full sync of ${subscriptions} subscriptions, ms:\n`);
  const rounds = await inTurns(pairs, { traced: () => timed(true), untraced: () => timed(false) });
  return lossOf(`full sync of ${subscriptions} subscriptions (P1)`, rounds);
}

async function ofOrders(): Promise<Finding> {
  const stack = await startOrderStack(10);
  const sink = await startTraceSink();
  const traced = await stack.start({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
  const untraced = await stack.start();
  const post = async (url: string, count = orders) => stack.post(url, count);
  for (const { url } of [traced, untraced]) await post(url, 5_000); // warms up both, and is not counted
  process.stderr.write(`${orders} orders on 32 connections, ms:\n`);
  const rounds = await inTurns(2 * pairs, {
    traced: () => post(traced.url),
    untraced: () => post(untraced.url),
  });
  sink.close();
  return lossOf('order commands (P4)', rounds);
}

function lossOf(what: string, rounds: readonly Record<'traced' | 'untraced', number>[]): Finding {
  const loss = spread(rounds.map(({ traced, untraced }) => 100 * (1 - untraced / traced)));
  const { median, min, max } = loss;
  return {
    id: 'P8',
    what: `rate lost by tracing, 10 % sampled: ${what}`,
    figure: `${median.toFixed(1)} % (${min.toFixed(1)} to ${max.toFixed(1)})`,
    must: '≤ 8 %',
    aim: '4 %',
    passed: median <= 8,
  };
}
