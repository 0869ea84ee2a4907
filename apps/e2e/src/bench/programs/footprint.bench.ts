import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectorFields, createConnector, sync } from '../../platform/acts.ts';
import type { ServiceProcess } from '../../platform/service-process.ts';
import { inOneProcess } from '../../platform/single-process.ts';
import { cpuTime, type Finding } from '../measuring.ts';
import { atEnd } from '../stack/processes.ts';
import { type Started, startPrograms, timesToReady } from './timed-start.ts';

const idleMs = 60_000;
const [mostOfOne, mostOfAll] = [130, 900];

/** P12: what each program of the platform takes to start and to be there, when nothing happens; without PostgreSQL and NATS. */
export async function measure(): Promise<Finding[]> {
  const { platform, programs } = await startPrograms();
  const started: Started[] = [];
  for (const program of programs) started.push(await timesToReady(program));

  // So that each has done some work, and has the code for it.
  const user = await platform.as();
  const { id: connectorId } = await createConnector(user, connectorFields(platform));
  const work = async () => {
    await sync(user.accounts, { connectorId, scope: 'accounts' });
    await sync(user.accounts, { connectorId, scope: 'subscriptions', depth: 'full' });
  };
  await work();
  const idle = await idleFor(programs);
  const rows = programs.map(({ name }, index) => ({ name, ...started[index]!, ...idle[index]! }));

  const begun = performance.now();
  const joined = await inOneProcess(programs);
  atEnd(() => joined.stop());
  const joinedReady = performance.now() - begun;
  await work();
  const [together] = await idleFor([joined.process]);
  process.stderr.write('  ready in ms; CPU of it in ms; RSS, own memory in MiB; CPU when idle in ms/s\n');
  for (const { name, ready, cpu, rss, own, idleCpu } of rows)
    process.stderr.write(
      `  ${name}: ${ready.toFixed(0)}; ${cpu.toFixed(0)}; ${rss.toFixed(0)}, ${own.toFixed(0)}; ${idleCpu.toFixed(1)}\n`,
    );
  const largest = rows.reduce((most, row) => (row.rss > most.rss ? row : most));
  const all = (key: 'rss' | 'own' | 'idleCpu') => rows.reduce((sum, row) => sum + row[key], 0);
  const slowest = rows.reduce((most, row) => (row.ready > most.ready ? row : most));
  return [
    {
      id: 'P12',
      what: 'idle RSS of the largest program',
      figure: `${largest.rss.toFixed(0)} MiB (${largest.name})`,
      must: `≤ ${mostOfOne} MiB`,
      aim: '100 MiB',
      passed: largest.rss <= mostOfOne,
    },
    {
      id: 'P12',
      what: `idle RSS of all ${rows.length} programs; of it, what each has for itself alone`,
      figure: `${all('rss').toFixed(0)}; ${all('own').toFixed(0)} MiB`,
      must: `≤ ${mostOfAll} MiB`,
      aim: '600 MiB',
      passed: all('rss') <= mostOfAll,
    },
    {
      id: 'P12',
      what: 'start to ready, alone: the slowest program; CPU time of it',
      figure: `${slowest.ready.toFixed(0)} ms; ${slowest.cpu.toFixed(0)} ms (${slowest.name})`,
      must: '–',
      aim: '–',
      passed: true,
    },
    {
      id: 'P12',
      what: 'CPU time of all programs together when idle',
      figure: `${all('idleCpu').toFixed(1)} ms/s`,
      must: '–',
      aim: '–',
      passed: true,
    },
    {
      id: 'P12',
      what: 'all of them in one process: idle RSS; own memory',
      figure: `${together!.rss.toFixed(0)}; ${together!.own.toFixed(0)} MiB`,
      must: `≤ ${mostOfAll} MiB`,
      aim: '600 MiB',
      passed: together!.rss <= mostOfAll,
    },
    {
      id: 'P12',
      what: 'all of them in one process: from the end of the others to ready; CPU time when idle',
      figure: `${joinedReady.toFixed(0)} ms; ${together!.idleCpu.toFixed(1)} ms/s`,
      must: '–',
      aim: '–',
      passed: true,
    },
  ];
}

interface Idle {
  /** In MiB: what is in memory, and what only this process has there. */
  rss: number;
  own: number;
  /** In ms per second. */
  idleCpu: number;
}

/** What each takes while nothing is asked of it. */
async function idleFor(programs: readonly ServiceProcess[]): Promise<Idle[]> {
  const before = programs.map(({ pid }) => cpuTime(pid));
  await sleep(idleMs);
  return programs.map(({ pid }, index) => ({
    ...memoryOf(pid),
    idleCpu: (cpuTime(pid) - before[index]!) / (idleMs / 1_000),
  }));
}

function memoryOf(pid: number): Pick<Idle, 'rss' | 'own'> {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)![1]) / 1024;
  return { rss: of('Rss'), own: of('Private_Dirty') };
}
