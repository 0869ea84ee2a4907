import { Agent } from 'undici';
import { CallBudget } from '../budget/call-budget.ts';
import type { CmpCall } from '../call/cmp-call.ts';
import { CmpClient, type CmpClientOptions } from '../cmp-client.ts';
import type { CmpConnection } from '../cmp-connection.ts';
import { ScriptedServer } from './scripted-server.ts';

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
/** How CMP also tells that a session has ended. */
export const deadToken = {
  status: 403,
  body: { timeStamp: 'x', status: 403, message: 'Access token is missing, expired or invalid' },
};
export const forbidden = { status: 403, body: { timeStamp: 'x', status: 403, message: 'Access is denied' } };
/** Ends the connection without an answer. */
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
