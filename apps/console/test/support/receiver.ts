import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connector, Isthmus } from '@isthmus/sdk';

export interface Received {
  headers: IncomingHttpHeaders;
  text: string;
}

interface Receiver {
  url: string;
  received: Received[];
  /** What it answers from now on. */
  status: number;
  close: () => Promise<void>;
}

/** The program of another team that gets events. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      receiver.received.push({ headers: request.headers, text });
      response.writeHead(receiver.status).end(receiver.status < 300 ? 'thanks' : 'no');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    status: 200,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return receiver;
}

/** Something happens that is published: `connector-changed`, about this connector. */
export async function rename(isthmus: Isthmus, { id }: Pick<Connector, 'id'>, name: string): Promise<void> {
  const { version } = await isthmus.get('/v1/connectors/{id}', { path: { id } });
  await isthmus.patch('/v1/connectors/{id}', { path: { id }, version, body: { name } });
}

export async function removeEndpoints(isthmus: Isthmus): Promise<void> {
  const { data } = await isthmus.get('/v1/webhook-endpoints', {});
  for (const { id } of data) await isthmus.delete('/v1/webhook-endpoints/{id}', { path: { id } });
}
