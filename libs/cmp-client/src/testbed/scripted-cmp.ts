import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { CallBudget } from '../budget/call-budget.ts';
import type { CmpCall, CmpConnection } from '../call/exchange.ts';
import { CmpClient, type CmpClientOptions } from '../cmp-client.ts';

export const tokenBody = (token: string, expiresInSeconds = 1500) => ({ body: { token, expiresInSeconds } });
export const row = { id: '1', name: 'Fabrikam', status: 'active' };
export const page = (rows: object[]) => ({
  body: { data: rows, pagination: { offset: 0, limit: 500, total: rows.length } },
});
export const order = {
  id: '5',
  type: 'sales',
  customerId: '1',
  status: 'submitted',
  creationDate: '2026-07-27T02:11:09Z',
};
export const unauthorized = { status: 401, body: { timeStamp: 'x', status: 401, message: 'Token expired' } };
/** Another way in which CMP reports that a session has ended. */
export const deadToken = {
  status: 403,
  body: { timeStamp: 'x', status: 403, message: 'Access token is missing, expired or invalid' },
};
export const forbidden = { status: 403, body: { timeStamp: 'x', status: 403, message: 'Access is denied' } };
/** Closes the connection without a response. */
export const drop = (response: { socket: { destroy(): void } | null }) => response.socket!.destroy();

/** A scripted CMP and clients that speak to it. */
export class ScriptedCmp {
  readonly calls: CmpCall[] = [];
  readonly dispatcher = new Agent();
  readonly connection: CmpConnection;

  private constructor(readonly server: ScriptedServer) {
    this.connection = {
      connectorId: 'c1',
      apiUrl: `${server.url}/na/`,
      username: 'some.api',
      password: 'pass-word-1',
      subscriptionKey: '5f1e0c7a9b3d42e68a10c4d7e2f9b6a1',
      marketplace: 'us',
    };
  }

  static async start(): Promise<ScriptedCmp> {
    return new ScriptedCmp((await ScriptedServer.start()).on('/na/token', tokenBody('token-1')));
  }

  client(options: Partial<CmpClientOptions> = {}): CmpClient {
    const { dispatcher, calls } = this;
    const onCall = (call: CmpCall) => calls.push(call);
    const budget = CallBudget.unlimited();
    return new CmpClient(this.connection, { budget, dispatcher, random: () => 0, onCall, ...options });
  }

  async stop(): Promise<void> {
    await this.dispatcher.destroy();
    await this.server.stop();
  }
}

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

type Answer =
  | { status?: number; body?: unknown; headers?: Record<string, string> }
  | ((response: ServerResponse) => void);

/**
 * A local HTTP server for specs of the client; it responds to each path from a queue of scripted responses, repeating the last
 * one.
 */
export class ScriptedServer {
  readonly seen: Seen[] = [];
  private readonly script = new Map<string, Answer[]>();
  private readonly server = createServer((request, response) => void this.serve(request, response));

  static async start(): Promise<ScriptedServer> {
    const scripted = new ScriptedServer();
    await new Promise<void>((listening) => scripted.server.listen(0, '127.0.0.1', listening));
    return scripted;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  on(path: string, ...answers: Answer[]): this {
    this.script.set(path, answers);
    return this;
  }

  calls(path: string): Seen[] {
    return this.seen.filter(({ url }) => url.split('?')[0] === path);
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method = '', url = '', headers } = request;
    this.seen.push({ method, url, headers, body: Buffer.concat(parts).toString() });
    const answers = this.script.get(url.split('?')[0]!) ?? [{ status: 404, body: '<html></html>' }];
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (typeof answer === 'function') return answer(response);
    const { status = 200, body = '', headers: more = {} } = answer;
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-correlation-id': 'a8n-test',
      ...more,
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
}
