import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { credentialContext, OpenConnector, type OpenConnectorResponse } from '@isthmus/contracts';
import { MessagingOptions, NatsConnection, NatsKey, RequestClient, RespondTo } from '@isthmus/messaging';
import { KeyRing, seal, ServiceEnv } from '@isthmus/service-kit';
import {
  keyRing,
  runFakeService,
  startPlatform,
  type TestPlatform,
  type TestService,
} from '@isthmus/testing';
import { Controller } from '@nestjs/common';
import { CmpConnections } from './cmp-connections.ts';

const service = 'account-sync';
const tenantId = randomUUID();
const ring = KeyRing.parse(keyRing('k1'));
const username = 'some.api';
/** The connectors that there are, by id, as their addresses are stored. */
const stored = new Map<string, string>();

@Controller()
class Connectors {
  @RespondTo(OpenConnector)
  open({ connectorId }: OpenConnector): Promise<OpenConnectorResponse> {
    const apiUrl = stored.get(connectorId)!;
    const sealed = (field: 'password' | 'subscriptionKey') =>
      seal(
        ring,
        `a secret ${field}`,
        credentialContext({ tenantId, connectorId, apiUrl, username }, field, 1),
      );
    return Promise.resolve({
      connectorId,
      apiUrl,
      username,
      name: 'US',
      status: 'active',
      marketplace: 'us',
      accountId: '77',
      country: 'US',
      currency: 'USD',
      callLimit: { perMinute: 100_000, perDay: 1_000_000 },
      sealed: {
        password: sealed('password'),
        passwordVersion: 1,
        subscriptionKey: sealed('subscriptionKey'),
        subscriptionKeyVersion: 1,
      },
    });
  }
}

let platform: TestPlatform;
let neighbour: TestService;
let nats: NatsConnection;
/** What must not be reached: it counts connections, not only requests. */
let connections = 0;
const inside = createServer((socket) => {
  connections += 1;
  socket.destroy();
});
let port: number;

beforeAll(async () => {
  inside.listen(0, '127.0.0.1');
  await once(inside, 'listening');
  ({ port } = inside.address() as AddressInfo);
  platform = await startPlatform();
  neighbour = await runFakeService('connector-config', { platform, controllers: [Connectors] });
  const { NATS_NKEY_SEED_FILE } = process.env;
  nats = new NatsConnection(platform.natsUrl, service, {
    key: NatsKey.ofEnvironment({ NATS_NKEY_SEED_FILE }, service),
  });
});
afterAll(async () => {
  await nats?.close();
  await neighbour?.stop();
  await platform?.stop();
  inside.close();
});
beforeEach(() => {
  connections = 0;
});

/** A connector's client in a process with these settings. */
async function clientOf(apiUrl: string, allowPrivate: 'yes' | 'no') {
  const connectorId = randomUUID();
  stored.set(connectorId, apiUrl);
  const env = Object.assign(new ServiceEnv(), {
    ALLOW_PRIVATE_ADDRESSES: allowPrivate,
    // The port is not what keeps it out.
    OUTBOUND_PORTS: `443,${port}`,
  });
  const requests = new RequestClient(nats, new MessagingOptions({ service, natsUrl: platform.natsUrl }));
  const opened = new CmpConnections(requests, ring, nats, env);
  return (await opened.open({ tenantId, connectorId }, 'sync')).client;
}

const hosts = ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]'];
const blocked = { code: 'cmp.unavailable', reason: 'blocked-address', outcome: 'not-sent' };

it.each(hosts)(
  'calls no CMP at %s where only public addresses are allowed, whatever is stored',
  async (host) => {
    const client = await clientOf(`https://${host}:${port}/marketplace/na`, 'no');
    await expect(client.customers.get('1')).rejects.toMatchObject(blocked);
    expect(connections).toBe(0);
  },
);

it.each(hosts)('follows no link of a report to %s', async (host) => {
  const client = await clientOf('https://api.cloud.im/marketplace/na', 'no');
  const report = { id: 'r', downloadUrl: `https://${host}:${port}/blob?sig=1` };
  await expect(client.reports.download(report)).rejects.toMatchObject({
    ...blocked,
    // Of a download nobody asks whether it was sent: it changes nothing.
    outcome: 'unknown',
  });
  expect(connections).toBe(0);
});

it.each([301, 302, 303, 307, 308])(
  'follows no redirect (%d), neither of a call nor of a link',
  async (status) => {
    const cmp = createHttpServer((_, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${port}/` }).end(),
    ).listen(0, '127.0.0.1');
    await once(cmp, 'listening');
    const url = `http://127.0.0.1:${(cmp.address() as AddressInfo).port}`;
    try {
      const client = await clientOf(`${url}/na`, 'yes');
      await expect(client.customers.get('1')).rejects.toMatchObject({
        code: expect.stringMatching(/^cmp\./),
      });
      const link = { id: 'r', downloadUrl: `${url}/blob` };
      await expect(client.reports.download(link)).rejects.toMatchObject({
        code: 'cmp.rejected',
        httpStatus: status,
      });
      expect(connections).toBe(0);
    } finally {
      cmp.closeAllConnections();
      cmp.close();
    }
  },
);
