import { setTimeout } from 'node:timers/promises';
import { controlOf } from '@isthmus/cmp-simulator';
import { eventually } from '@isthmus/testing';
import { type Finding, peakMiB } from '../measuring.ts';
import { readCounters, settleMs, type Used, usedBetween } from './counters.ts';
import type { Treatment } from './fleet-cmp.ts';
import { type FleetStack, processNames, startFleet } from './fleet-stack.ts';

const [connectors, subscriptions] = (process.env.FLEET ?? '1000x2000').split('x').map(Number) as [
  number,
  number,
];
/** So that each has about twenty connectors, at most fifty. */
const tenants = Math.max(2, Math.min(50, Math.round(connectors / 20)));
/** Minutes between the ticks of a connector while they are measured; the default of a connector is 5. */
const interval = Number(process.env.FLEET_TICK_MINUTES ?? 1);
const rounds = Number(process.env.FLEET_ROUNDS ?? 3);

/** P11: what a fleet of connectors costs when nothing changes and when a little does, and whether a noisy tenant delays others. */
export async function measure(): Promise<Finding[]> {
  const stack = await startFleet({ connectors, subscriptions, tenants });
  const standing = await used(stack, 'nothing is due', () => setTimeout(30_000));
  await schedule(stack, { tickMinutes: interval });
  // The first tick of each fetches a token and reads its connector.
  await ticksOf(stack, 1);
  const idle = await ticking(stack, 'ticks, nothing changed', rounds);
  const changing = await ticking(stack, 'ticks, 1 % changes in an hour', rounds, () => change(stack));
  const noise = await withNoise(stack);
  await schedule(stack, {});
  const sweeps = await oneRound(stack, 'a sweep and a scrub each', { sweepMinutes: 60 }, 2);
  const accounts = await oneRound(stack, 'accounts and reports each', { accountsMinutes: 1440 }, 2);
  const hour = (ticks: Ticking) => perHour(standing, ticks, sweeps, accounts);
  return [
    ...costFindings('nothing changes', hour(idle)),
    ...costFindings('1 % changes', hour(changing)),
    ...growthFinding(idle, sweeps, accounts),
    memoryFinding(stack),
    fairnessFinding(
      'P11e',
      `longest wait between two ticks of a connector, in intervals of ${interval} min`,
      idle.longest,
    ),
    fairnessFinding('P11f', 'the same of other tenants while one is slow, failing or changing', noise),
  ];
}

interface Ticking extends Used {
  /** How many there were. */
  runs: number;
  /** The longest time between two ticks of a connector, in intervals. */
  longest: number;
}

/** Logs what was used, for whoever looks for the cause. */
async function used(stack: FleetStack, what: string, work: () => Promise<unknown>): Promise<Used> {
  await setTimeout(settleMs);
  const from = await readCounters(stack);
  await work();
  await setTimeout(settleMs);
  const result = usedBetween(from, await readCounters(stack));
  const top = (entries: [string, number][], count: number) =>
    entries
      .slice(0, count)
      .map(([name, n]) => `    ${n}  ${name.slice(0, 150)}\n`)
      .join('');
  process.stderr.write(
    `  ${what}: ${Math.round(result.ms / 1000)} s; CPU ${JSON.stringify(result.cpuMs)}; ${result.statements} statements, ${result.rows} rows, ${result.walBytes} bytes of WAL, ${result.messages} messages, ${result.calls} calls\n${top(result.topStatements, 25)}${top(result.rowsByTable, 8)}${top(result.bytesByTable, 5)}`,
  );
  return result;
}

/** As connector-config publishes it. */
const schedule = (stack: FleetStack, changed: object) =>
  stack.pool.query('update connectors set schedule = $1', [
    { tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0, ...changed },
  ]);

const finishedRuns = async ({ pool }: FleetStack): Promise<number> =>
  Number(
    (await pool.query(`select count(*) as n from sync_runs where status not in ('queued', 'running')`))
      .rows[0].n,
  );

/** Waits until so many runs more have ended for each connector. */
async function ticksOf(stack: FleetStack, each: number): Promise<void> {
  const wanted = (await finishedRuns(stack)) + each * stack.size.connectors;
  await eventually(async () => (await finishedRuns(stack)) >= wanted, { withinMs: 1_800_000, everyMs: 500 });
}

async function ticking(
  stack: FleetStack,
  what: string,
  count: number,
  each: () => Promise<void> = async () => undefined,
): Promise<Ticking> {
  const begun = new Date();
  const before = await finishedRuns(stack);
  const result = await used(stack, what, async () => {
    for (let round = 0; round < count; round += 1) {
      await each();
      await setTimeout(interval * 60_000);
    }
  });
  return {
    ...result,
    runs: (await finishedRuns(stack)) - before,
    longest: await longestWait(stack, begun, ''),
  };
}

/** Between the starts of two ticks of one connector, or since its last one, in intervals. */
async function longestWait({ pool }: FleetStack, since: Date, condition: string): Promise<number> {
  const { rows } = await pool.query<{ longest: number }>(
    `select extract(epoch from max(coalesce(next, now()) - started_at)) / 60 as longest from (
       select started_at, created_at, lead(started_at) over (partition by connector_id order by created_at) as next
       from sync_runs where depth = 'incremental' and scope = 'subscriptions' and started_at > $1 ${condition}) r`,
    [since],
  );
  return Number(rows[0]!.longest) / interval;
}

/** What changes of a connector in one interval of five minutes if it is one per cent in an hour. */
async function change({ simulator, cmp, pool, connectors: [first], size }: FleetStack): Promise<void> {
  const control = controlOf(simulator.url);
  const { rows } = await pool.query<{ id: string; quantity: number }>(
    `select cmp_id as id, quantity from provider_subscriptions where connector_id = $1 and status = 'active' and quantity > 0
     order by random() limit $2`,
    [first!.id, Math.max(1, Math.round((size.subscriptions * 0.01) / 12))],
  );
  for (const { id, quantity } of rows) await control.patchSubscription(id, { quantity: quantity + 1 });
  await setTimeout(3_000);
  await fetch(`${cmp.url}/pages`, { method: 'DELETE' });
}

/** The first tenant's CMP answers late, then not at all. */
async function withNoise(stack: FleetStack): Promise<number> {
  const noisy = stack.connectors.filter(({ tenantId }) => tenantId === stack.connectors[0]!.tenantId);
  const treat = async (treatment: Treatment) => {
    for (const { user } of noisy)
      await fetch(`${stack.cmp.url}/users/${encodeURIComponent(user)}/${treatment}`, { method: 'PUT' });
  };
  let longest = 0;
  for (const treatment of ['slow', 'failing'] as const) {
    const begun = new Date();
    await treat(treatment);
    await setTimeout(rounds * interval * 60_000);
    longest = Math.max(
      longest,
      await longestWait(stack, begun, `and tenant_id <> '${stack.connectors[0]!.tenantId}'`),
    );
    process.stderr.write(
      `  one tenant is ${treatment}: others wait at most ${longest.toFixed(2)} intervals\n`,
    );
  }
  await treat('prompt');
  return longest;
}

/** Each connector has a run of every kind that the schedule starts, once. */
async function oneRound(stack: FleetStack, what: string, due: object, runs: number): Promise<Used> {
  return used(stack, what, async () => {
    await schedule(stack, due);
    await ticksOf(stack, runs);
    await schedule(stack, {});
  });
}

type Cost = Pick<Used, 'statements' | 'rows' | 'walBytes' | 'messages' | 'calls'> & {
  cpuMs: number;
  byProcess: string;
};

/** Of one connector at the default intervals: 12 ticks, a sweep, a scrub, and a 24th of the daily runs, besides its share of the polling. */
function perHour(standing: Used, ticks: Ticking, sweeps: Used, accounts: Used): Cost {
  const of = (pick: (used: Used) => number): number => {
    const idle = pick(standing) / standing.ms;
    const beyond = (one: Used) => Math.max(0, pick(one) - idle * one.ms);
    return (
      (idle * 3_600_000) / connectors +
      (12 * beyond(ticks)) / ticks.runs +
      (beyond(sweeps) + beyond(accounts) / 24) / connectors
    );
  };
  return {
    statements: of((one) => one.statements),
    rows: of((one) => one.rows),
    walBytes: of((one) => one.walBytes),
    messages: of((one) => one.messages),
    calls: of((one) => one.calls),
    cpuMs: of((one) => processNames.reduce((all, name) => all + one.cpuMs[name], 0)),
    byProcess: processNames.map((name) => `${name} ${Math.round(of((one) => one.cpuMs[name]))}`).join(', '),
  };
}

function costFindings(when: string, cost: Cost): Finding[] {
  const { statements, rows, walBytes, messages, calls, cpuMs, byProcess } = cost;
  const finding = (id: string, what: string, figure: string): Finding => ({
    ...{ id, what: `per connector-hour, ${when}: ${what}`, figure },
    ...{ must: '–', aim: '–', passed: true },
  });
  return [
    finding('P11a', 'CPU', `${Math.round(cpuMs)} ms (${byProcess})`),
    finding(
      'P11b',
      'statements; rows written; WAL',
      `${Math.round(statements)}; ${Math.round(rows)}; ${Math.round(walBytes / 1024)} KiB`,
    ),
    finding('P11c', 'NATS messages; calls to CMP', `${Math.round(messages)}; ${calls.toFixed(1)}`),
  ];
}

function growthFinding(ticks: Ticking, sweeps: Used, accounts: Used): Finding[] {
  const perTick = ticks.rowsByTable.filter(([table]) => !/outbox_relay|sync_seen/.test(table));
  const bytes = (288 * ticks.bytes) / ticks.runs + (24 * sweeps.bytes + accounts.bytes) / connectors;
  return [
    {
      id: 'P11d',
      what: 'growth of the database of account-sync per connector-day, before anything old is deleted; rows that an idle tick leaves',
      figure: `${Math.round(bytes / 1024)} KiB; ${perTick.map(([table, n]) => `${table.split(' ')[1]} ${(n / ticks.runs).toFixed(1)}`).join(', ')}`,
      ...{ must: '–', aim: '–', passed: true },
    },
  ];
}

const memoryFinding = ({ pids }: FleetStack): Finding => ({
  id: 'P11g',
  what: 'peak memory of the worker, which also relays; of the API of account-sync; of connector-config',
  figure: `${Math.round(peakMiB(pids.worker))}; ${Math.round(peakMiB(pids['account-sync']))}; ${Math.round(peakMiB(pids['connector-config']))} MiB`,
  ...{ must: '–', aim: '–', passed: true },
});

const fairnessFinding = (id: string, what: string, longest: number): Finding => ({
  id,
  what,
  figure: longest.toFixed(2),
  ...{ must: '≤ 2', aim: '–', passed: longest <= 2 },
});
