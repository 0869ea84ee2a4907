import { randomUUID } from 'node:crypto';
import { defaultAccounts } from '@isthmus/cmp-simulator';
import { eventually } from '@isthmus/testing';
import type { HttpClient } from './http-client.ts';
import type { Platform } from './start-platform.ts';

export interface SyncRunAnswer {
  id: string;
  status: string;
  phase: string | null;
  done: number;
  total: number | null;
  counts: Record<string, number>;
  complete: boolean | null;
  failure: { code: string; detail: string; nextStep: string } | null;
}

/** The seed's eight fields for one of the simulator's accounts; schedules off, so that nothing runs unasked. */
export function connectorFields(platform: Platform, marketplace: 'us' | 'uk' = 'us', changes: object = {}) {
  const account = defaultAccounts.find((candidate) => candidate.marketplace === marketplace)!;
  const { username, password, subscriptionKey, accountId, country, currency } = account;
  return {
    name: `IngramMicro ${marketplace.toUpperCase()}`,
    username,
    password,
    apiUrl: platform.simulator.apiUrl,
    accountId,
    subscriptionKey,
    country,
    currency,
    schedule: { tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0 },
    callLimit: { perMinute: 60_000, perDay: null },
    ...changes,
  };
}

/** Creates a connector; it can be used at once. */
export async function createConnector(
  { connectors }: { connectors: HttpClient },
  fields: object,
): Promise<{ id: string }> {
  const { status, body } = await connectors.post('/v1/connectors', fields);
  if (status !== 201) throw new Error(`The connector was not created: ${JSON.stringify(body)}`);
  return body;
}

export async function startRun(accounts: HttpClient, request: object): Promise<SyncRunAnswer> {
  return eventually(async () => {
    const { status, body } = await accounts.post('/v1/sync-runs', request, {
      'idempotency-key': randomUUID(),
    });
    if (status !== 202) throw new Error(`The run was not started: ${JSON.stringify(body)}`);
    return body as SyncRunAnswer;
  });
}

/** Waits for the run's end; returns it whatever its status is. */
export function runEnded(accounts: HttpClient, id: string): Promise<SyncRunAnswer> {
  return eventually(
    async () => {
      const { body } = await accounts.get<SyncRunAnswer>(`/v1/sync-runs/${id}`);
      return ['queued', 'running'].includes(body.status) ? undefined : body;
    },
    { everyMs: 100 },
  );
}

export async function sync(accounts: HttpClient, request: object): Promise<SyncRunAnswer> {
  return runEnded(accounts, (await startRun(accounts, request)).id);
}
