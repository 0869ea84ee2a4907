import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { eventually } from '@isthmus/testing';
import type { Pool } from 'pg';
import { cpuTime } from '../measuring.ts';
import { type FleetStack, type ProcessName, processNames } from './fleet-stack.ts';

/** What the platform has used so far. */
export interface Counters {
  at: number;
  cpuMs: Record<ProcessName, number>;
  /** By process and text. */
  statements: Map<string, number>;
  /** Rows inserted, updated and deleted, by table. */
  rows: Map<string, number>;
  walBytes: number;
  /** Messages that NATS got from clients. */
  messages: number;
  calls: number;
  /** Size of each table of account-sync with its indices, in bytes. */
  bytes: Map<string, number>;
}

/** PostgreSQL's sessions report what they wrote when they have been idle for ten seconds, at the latest. */
export const settleMs = 11_000;

export async function readCounters(stack: FleetStack): Promise<Counters> {
  const statements = await statementsOf(stack);
  const rows = new Map([
    ...(await rowsOf(stack.pool, 'account-sync')),
    ...(await rowsOf(stack.configPool, 'connector-config')),
  ]);
  const { rows: wal } = await stack.pool.query<{ at: string }>(
    `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as at`,
  );
  const varz = (await (await fetch(`${stack.natsMonitorUrl}/varz`)).json()) as { in_msgs: number };
  const cmp = (await (await fetch(`${stack.cmp.url}/state`)).json()) as { calls: number };
  const { rows: sizes } = await stack.pool.query<{ name: string; bytes: string }>(
    `select relname as name, pg_total_relation_size(oid) as bytes from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  const cpu = processNames.map((name) => [
    name,
    name === 'PostgreSQL' ? cpuOfTree(stack.pids[name]) : cpuTime(stack.pids[name]),
  ]);
  return {
    at: Date.now(),
    cpuMs: Object.fromEntries(cpu) as Record<ProcessName, number>,
    statements,
    rows,
    walBytes: Number(wal[0]!.at),
    messages: varz.in_msgs,
    calls: cmp.calls,
    bytes: new Map(sizes.map(({ name, bytes }) => [name, Number(bytes)])),
  };
}

async function rowsOf(pool: Pool, service: string): Promise<[string, number][]> {
  const { rows } = await pool.query<{ name: string; n: string }>(
    `select relname as name, n_tup_ins + n_tup_upd + n_tup_del as n from pg_stat_user_tables`,
  );
  return rows.map(({ name, n }) => [`${service} ${name}`, Number(n)]);
}

async function statementsOf({ pids, statementsFile }: FleetStack): Promise<Map<string, number>> {
  const all = new Map<string, number>();
  for (const name of ['connector-config', 'account-sync', 'worker'] as const) {
    const file = statementsFile(name);
    rmSync(file, { force: true });
    process.kill(pids[name], 'SIGUSR2');
    const counts = await eventually(() =>
      existsSync(file) ? parsed<[string, number][]>(readFileSync(file, 'utf8')) : undefined,
    );
    rmSync(file, { force: true });
    for (const [text, count] of counts) all.set(`${name}: ${text}`, count);
  }
  return all;
}

/** Undefined while it is being written. */
function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** Of a process, its children, and those that have ended, in ms. */
function cpuOfTree(pid: number): number {
  const children = readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) && parentOf(name) === pid ? [Number(name)] : [],
  );
  const stat = fieldsOf(String(pid));
  const ended = (Number(stat?.[13]) + Number(stat?.[14])) * 10;
  return cpuTime(pid) + ended + children.reduce((sum, child) => sum + (cpuIfAlive(child) ?? 0), 0);
}

const parentOf = (pid: string): number => Number(fieldsOf(pid)?.[1]);

function cpuIfAlive(pid: number): number | undefined {
  try {
    return cpuTime(pid);
  } catch {
    return undefined;
  }
}

/** Of /proc/<pid>/stat, from the state on. */
function fieldsOf(pid: string): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** What was used between two readings. */
export interface Used {
  ms: number;
  cpuMs: Record<ProcessName, number>;
  statements: number;
  topStatements: [string, number][];
  rows: number;
  rowsByTable: [string, number][];
  walBytes: number;
  messages: number;
  calls: number;
  bytes: number;
  bytesByTable: [string, number][];
}

export function usedBetween(from: Counters, to: Counters): Used {
  const statements = differences(from.statements, to.statements);
  const rows = differences(from.rows, to.rows);
  const bytes = differences(from.bytes, to.bytes);
  return {
    ms: to.at - from.at,
    cpuMs: Object.fromEntries(
      processNames.map((name) => [name, to.cpuMs[name] - from.cpuMs[name]]),
    ) as Record<ProcessName, number>,
    statements: sum(statements),
    topStatements: statements,
    rows: sum(rows),
    rowsByTable: rows,
    walBytes: to.walBytes - from.walBytes,
    messages: to.messages - from.messages,
    calls: to.calls - from.calls,
    bytes: sum(bytes),
    bytesByTable: bytes,
  };
}

const sum = (entries: readonly [string, number][]): number => entries.reduce((all, [, n]) => all + n, 0);

function differences(from: ReadonlyMap<string, number>, to: ReadonlyMap<string, number>): [string, number][] {
  return [...to]
    .map(([name, n]): [string, number] => [name, n - (from.get(name) ?? 0)])
    .filter(([, n]) => n !== 0)
    .sort((a, b) => b[1] - a[1]);
}
