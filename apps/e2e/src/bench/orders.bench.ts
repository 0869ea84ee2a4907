import { fileURLToPath } from 'node:url';
import { defaultTenant } from '@isthmus/testing';
import { cpuTime, type Finding, inTurns, shownSpread, spread } from './measuring.ts';
import { startOrderStack } from './stack/order-stack.ts';
import { atEnd, startBackground } from './stack/processes.ts';

// Many short rounds, so that whatever else runs on the machine affects both sides alike.
const pairs = Number(process.env.BENCH_PAIRS ?? 11);
const orders = Number(process.env.BENCH_ORDERS ?? 1_000);
const poolMax = 10;

/** P4: the order command, handled by the service and by its floor, each with a database of its own that has the same rows. */
export async function measure(): Promise<Finding[]> {
  const stack = await startOrderStack(poolMax);
  const service = await stack.start();
  const path = fileURLToPath(new URL('./floors/place-orders.js', import.meta.url));
  const floorUrl = await stack.databases.fresh('floor', stack.template);
  const settings = { databaseUrl: floorUrl, tenantId: defaultTenant, poolMax };
  const floor = await startBackground(path, [JSON.stringify(settings)]);
  atEnd(() => floor.stop());

  const post = (url: string, count = orders) => stack.post(url, count);
  await Promise.all([post(service.url, 2_000), post(floor.url, 2_000)]); // warms up both, and is not counted
  const usedBefore = [service.pid, floor.pid].map(cpuTime);
  process.stderr.write(`${orders} orders on 32 connections, ms:\n`);
  const rounds = await inTurns(pairs, { service: () => post(service.url), floor: () => post(floor.url) });
  const ratio = spread(rounds.map((round) => round.floor / round.service));
  const [ofService, ofFloor] = [service.pid, floor.pid].map(
    (pid, index) => (cpuTime(pid) - usedBefore[index]!) / (orders * pairs),
  );
  const rate = spread(rounds.map((round) => orders / (round.service / 1000)));
  return [
    {
      id: 'P4',
      what: 'order commands a second, 32 connections / bare Fastify with the same SQL',
      figure: shownSpread(ratio, ' ×'),
      must: '≥ 0.55 ×',
      aim: '0.75 ×',
      passed: ratio.median >= 0.55,
    },
    {
      id: 'P4',
      what: 'the same, orders a second',
      figure: shownSpread(rate, '', 0),
      must: '–',
      aim: '–',
      passed: true,
    },
    {
      id: 'P4',
      what: 'CPU time of the process for an order; of bare Fastify',
      figure: `${ofService!.toFixed(2)}; ${ofFloor!.toFixed(2)} ms`,
      must: '–',
      aim: '–',
      passed: true,
    },
  ];
}
