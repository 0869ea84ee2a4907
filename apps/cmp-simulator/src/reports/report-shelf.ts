import { createHash } from 'node:crypto';
import { CmpRefusal } from '../wire/errors.ts';
import type { Wire } from '../wire/simple-api.ts';
import { addMonths } from '../world/period.ts';
import { dice, guid } from '../world/random.ts';
import type { World } from '../world/world.ts';
import type { ReportState } from './report.ts';

const monthsBack = 3;
/** The reports the reseller has configured in the portal. */
export const configuredNames = ['Every Invoice - Subscriptions', 'Every Invoice - Usage'] as const;

/** The monthly reports of the last three months before the world began, and those ordered since; newest first. */
export function allReports(world: World): ReportState[] {
  const start = new Date(world.ground.clock.startedAt);
  const thisMonth = Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), 1);
  const monthly = Array.from({ length: monthsBack }, (_, back) =>
    monthlyReport(world, addMonths(thisMonth, -back), back),
  );
  return [...[...world.reports].reverse(), ...monthly];
}

/** Orders a one-time report; refuses (400) a name that is not configured. */
export function orderReport(world: World, given: Partial<Wire<'Report'>>): ReportState {
  const from = Date.parse(given.startDate ?? '');
  if (!given.name || Number.isNaN(from))
    throw new CmpRefusal(400, 'Required field is missing: name, startDate.');
  if (!configuredNames.some((name) => name === given.name))
    throw new CmpRefusal(
      400,
      `Report "${given.name}" is not configured. Known: ${configuredNames.join(', ')}.`,
    );
  const format = (given.format ?? 'csv').toLowerCase();
  if (format !== 'csv' && format !== 'json' && format !== 'xlsx')
    throw new CmpRefusal(400, `Format ${format} is not supported. Supported: csv, json, xlsx.`);
  const report: ReportState = {
    id: guid(world.random),
    name: given.name,
    customizationName: given.customizationName,
    type: 'onetime',
    format,
    createdAt: world.now(),
    readyAt: world.now() + world.ground.orderDelaySeconds * 1000,
    from,
    until: given.endDate ? Date.parse(given.endDate) : world.now(),
    signature: signed(world.random),
  };
  world.reports.push(report);
  return report;
}

function monthlyReport(world: World, createdAt: number, n: number): ReportState {
  let face = 100;
  const next = () => dice(world.ground.seed, n, face++);
  const until = createdAt - 1000;
  const id = guid(next);
  return {
    id,
    name: configuredNames[0],
    type: 'monthly',
    format: 'csv',
    createdAt,
    readyAt: createdAt,
    from: addMonths(createdAt, -1),
    until,
    signature: signed(next),
  };
}

function signed(next: () => number): string {
  return (guid(next) + guid(next)).replaceAll('-', '');
}

const lifetimeMs = 3_600_000;

/** The file's name with a signature that is good for an hour from now, as Azure's shared access signatures are. */
export function signedFile(report: ReportState, now: number): string {
  const expiry = new Date(now + lifetimeMs).toISOString();
  return `${fileName(report)}?sp=r&se=${encodeURIComponent(expiry)}&sig=${sign(report, expiry)}`;
}

export const fileName = ({ id, format }: ReportState): string => `${id}.${format}`;

/** Whether the link's signature is ours and has not run out. */
export const isSigned = (report: ReportState, { se = '', sig = '' }: SignedQuery, now: number): boolean =>
  sig === sign(report, se) && Date.parse(se) > now;

export interface SignedQuery {
  se?: string;
  sig?: string;
}

const sign = ({ signature }: ReportState, expiry: string): string =>
  createHash('sha256').update(`${signature} ${expiry}`).digest('hex');
