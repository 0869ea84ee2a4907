import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- expectations check what is in it
type Json = any;

export interface ReceivedWebhook {
  headers: IncomingHttpHeaders;
  text: string;
  event: Json;
  at: number;
}

/** The response of a receiver: status, headers and body, after a delay. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  afterMs?: number;
}

export interface Receiver {
  url: string;
  received: ReceivedWebhook[];
  /** Requests under way at the same time, at most so far. */
  maxConcurrent: number;
  /** Decides the response; 204 by default. */
  respond: (received: ReceivedWebhook) => Reply | 'hang';
  /** The received requests, verified by `standardwebhooks` with this secret; throws if a signature is invalid. */
  verified(secret: string): Json[];
  close(): Promise<void>;
}

/** A webhook receiver of another team, on a separate port. */
export async function startReceiver(): Promise<Receiver> {
  let underWay = 0;
  const server = createServer((request, response) => {
    let text = '';
    underWay += 1;
    receiver.maxConcurrent = Math.max(receiver.maxConcurrent, underWay);
    response.on('close', () => (underWay -= 1));
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const received = { headers: request.headers, text, event: JSON.parse(text), at: Date.now() };
      receiver.received.push(received);
      const reply = receiver.respond(received);
      if (reply === 'hang') return;
      setTimeout(() => response.writeHead(reply.status, reply.headers).end(reply.body), reply.afterMs ?? 0);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    maxConcurrent: 0,
    respond: () => ({ status: 204 }),
    verified: (secret) =>
      receiver.received.map(({ text, headers }) =>
        new Webhook(secret).verify(text, headers as Record<string, string>),
      ),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
