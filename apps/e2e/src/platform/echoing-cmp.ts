import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request as ask } from 'undici';
import { spellings } from './canaries.ts';
import { startOtherCmp } from './other-cmp.ts';

interface Account {
  username: string;
  password: string;
  subscriptionKey: string;
  accountId: string;
}

/** A CMP that shows in its errors what it was sent, as a badly written gateway does, and keeps reports behind links that are secret. */
export async function startEchoingCmp(account: Account, token: string, signature: string) {
  const inner = await startOtherCmp(account, token);
  const echoing = {
    /** The status with which a request fails; undefined for those that succeed. */
    failure: (_method: string, _path: string): number | undefined => undefined,
    /** How secrets are written; in turn, if there are several. */
    spelling: Object.keys(spellings),
    /** Errors that showed secrets. */
    echoed: 0,
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url = '/' } = request;
    let body = '';
    for await (const part of request) body += String(part);
    const path = url.replace(/^\/cloud\/api\/v9/, '').split('?')[0]!;
    if (path === '/blob') return void response.writeHead(200).end('a,b\n1,2\n');
    const status = echoing.failure(method, path);
    if (status !== undefined) {
      const spell = spellings[echoing.spelling[echoing.echoed++ % echoing.spelling.length]!]!;
      const { password, subscriptionKey } = account;
      const message = `User with ${spell(password)} and ${spell(subscriptionKey)}: the session ${spell(token)} is not known, sent ${spell(request.headers.authorization ?? '')}`;
      response.writeHead(status, { 'x-correlation-id': spell(token).replace(/[^\x20-\x7e]/g, '') });
      return void response.end(
        JSON.stringify({ timeStamp: 'x', status, message, correlationId: spell(token) }),
      );
    }
    if (path === '/reports') {
      const report = {
        id: '1',
        name: 'R',
        status: 'completed',
        format: 'csv',
        creationDate: new Date().toISOString(),
        downloadUrl: `${origin()}/blob?sig=${encodeURIComponent(signature)}`,
      };
      const page = { data: [report], pagination: { offset: 0, limit: 10, total: 1 } };
      return void response.writeHead(200).end(JSON.stringify(page));
    }
    const { authorization, 'x-subscription-key': key } = request.headers;
    const answer = await ask(new URL(url, inner.apiUrl), {
      method: method as 'GET',
      headers: { authorization, 'x-subscription-key': key as string },
      body: body || undefined,
    });
    response.writeHead(answer.statusCode).end(await answer.body.text());
  };
  const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(echoing, {
    apiUrl: `${origin()}/cloud/api/v9/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await inner.close();
    },
  });
}
