import { startPostgres } from '@isthmus/testing';
import { startBehindGateway, wholePlatform } from '../../platform/gateway.ts';
import type { ServiceProcess } from '../../platform/service-process.ts';
import type { Platform } from '../../platform/start-platform.ts';
import { cpuTime, spread } from '../measuring.ts';
import { atEnd } from '../stack/processes.ts';

const starts = Number(process.env.BENCH_PAIRS ?? 5);

/** The whole platform as separate processes; `endAll` ends it. */
export async function startPrograms(): Promise<{ platform: Platform; programs: ServiceProcess[] }> {
  const postgres = await startPostgres();
  atEnd(() => postgres.stop());
  const { platform, gateway, stop } = await startBehindGateway({
    ...wholePlatform,
    postgres: postgres.url,
    env: { LOG_LEVEL: 'warn' },
  });
  atEnd(stop);
  const programs = [gateway, ...platform.processes];
  return { platform, programs };
}

/** Medians of several starts. */
export interface Started {
  /** From the start of the process until it says that it is ready, in ms. */
  ready: number;
  /** CPU time of it, in ms. */
  cpu: number;
}

/** Starts a program again several times, alone: all others are running and have nothing to do. */
export async function timesToReady(program: ServiceProcess): Promise<Started> {
  const taken: Started[] = [];
  for (let round = 0; round < starts; round += 1) {
    await program.stop();
    const begun = performance.now();
    await program.start();
    taken.push({ ready: performance.now() - begun, cpu: cpuTime(program.pid) });
  }
  const median = (key: keyof Started) => spread(taken.map((one) => one[key])).median;
  return { ready: median('ready'), cpu: median('cpu') };
}
