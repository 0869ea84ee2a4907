import { defaultAccounts, type SimulatorOptions } from '../src/simulator-options.ts';
import { type RunningSimulator, startSimulator } from '../src/start-simulator.ts';

/** An answer, read as JSON when it is JSON. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // Expectations check what is in a body.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

/** Calls CMP as a program with an account does: key on everything, a token fetched once. */
export class CmpUser {
  private token: string | undefined;

  constructor(
    private readonly simulator: Pick<RunningSimulator, 'apiUrl'>,
    readonly account = defaultAccounts[0] as (typeof defaultAccounts)[number],
  ) {}

  get(path: string): Promise<Reply> {
    return this.call('GET', path);
  }
  post(path: string, body: unknown, signal?: AbortSignal): Promise<Reply> {
    return this.call('POST', path, body, signal);
  }
  patch(path: string, body: unknown): Promise<Reply> {
    return this.call('PATCH', path, body);
  }

  async signIn(): Promise<Reply> {
    const { username, password, marketplace } = this.account;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const reply = await this.raw('POST', '/token', { authorization }, JSON.stringify({ marketplace }));
    this.token = reply.body?.token;
    return reply;
  }

  /** Sends exactly these headers beside the key; a header set to undefined is left out, the key as well. */
  async raw(
    method: string,
    path: string,
    headers: Record<string, string | undefined> = {},
    body?: string,
    signal?: AbortSignal,
  ): Promise<Reply> {
    const all = {
      'x-subscription-key': this.account.subscriptionKey,
      'content-type': 'application/json',
      ...headers,
    };
    const sent = Object.entries(all).filter((header): header is [string, string] => header[1] !== undefined);
    const response = await fetch(this.simulator.apiUrl + path, {
      method,
      headers: sent,
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  }

  private async call(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Reply> {
    if (!this.token) await this.signIn();
    return this.raw(
      method,
      path,
      { authorization: `Bearer ${this.token}` },
      body === undefined ? undefined : JSON.stringify(body),
      signal,
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The instant the worlds of the specs begin at. */
export const start = '2026-03-01T09:00:00.000Z';

/** A simulator for specs: no limits, a clock that stands still, orders that take 100 seconds. */
export function quietSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const limits = { perMinute: null, perDay: null };
  return startSimulator({ now: start, clock: 'stopped', orderDelaySeconds: 100, limits, ...options });
}
