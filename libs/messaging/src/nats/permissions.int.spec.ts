import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  contractOf,
  eventContracts,
  eventSubject,
  type RequestContract,
  requestContracts,
  serviceAccess,
  type ServiceName,
} from '@isthmus/contracts';
import { connectNats, eventually, operator, type RunningNats, startNats } from '@isthmus/testing';
import { AckPolicy, jetstreamManager } from '@nats-io/jetstream';
import {
  type NatsConnection,
  nkeyAuthenticator,
  nkeys,
  PermissionViolationError,
} from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
import { eventStream, streamName } from './jetstream.ts';
import { callBudgetBucket, inboxPrefix, natsPermissions } from './permissions.ts';

const services = Object.keys(serviceAccess()) as ServiceName[];
const tenantId = randomUUID();
const open: NatsConnection[] = [];
let nats: RunningNats;

beforeAll(async () => {
  nats = await startNats();
  const manager = await jetstreamManager(await as(operator));
  for (const producer of new Set(eventContracts().map((contract) => contract.producer)))
    await manager.streams.add(eventStream(producer, 1));
  for (const consumer of services)
    await manager.consumers.add(streamName('account-sync'), {
      durable_name: consumer,
      ack_policy: AckPolicy.Explicit,
    });
});
afterEach(async () => {
  for (const connection of open.splice(1)) await connection.close();
});
afterAll(async () => {
  await open[0]?.close();
  await nats.stop();
});

async function as(user: string): Promise<NatsConnection> {
  const connection = await connectNats(nats.url, { user, keys: nats.keys, inboxPrefix: inboxPrefix(user) });
  open.push(connection);
  return connection;
}

const nobodyMay = 'nobody.may';

/** Which of the subjects NATS refuses, while all are used at once. */
async function refusedOf(
  connection: NatsConnection,
  operation: 'publish' | 'subscribe',
  subjects: string[],
): Promise<string[]> {
  const refused = new Set<string>();
  void (async () => {
    for await (const status of connection.status())
      if (status.type === 'error' && status.error instanceof PermissionViolationError)
        refused.add(status.error.subject);
  })();
  for (const subject of [...subjects, nobodyMay]) {
    if (operation === 'publish') connection.publish(subject, '{}');
    else connection.subscribe(subject, { callback: () => undefined });
  }
  // The server says in order what it refuses.
  await eventually(() => refused.has(nobodyMay));
  return subjects.filter((subject) => refused.has(subject));
}

it('the server is configured from what the table comes to now', async () => {
  const file = join(import.meta.dirname, '../../../../docs/generated/nats-permissions.json');
  // If they differ, `npm run generate` has not been run since the table or a contract changed.
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(natsPermissions());
});

describe('a client', () => {
  it('without a key is refused', async () => {
    await expect(connectNats(nats.url, { keys: '' })).rejects.toThrow(/Authorization Violation/i);
  });

  it('with a key that the server does not know is refused', async () => {
    const stranger = nkeyAuthenticator(nkeys.createUser().getSeed());
    const connecting = connectNats(nats.url, { keys: '', authenticator: stranger });
    await expect(connecting).rejects.toThrow(/Authorization Violation/i);
  });

  it('with a password is refused', async () => {
    const connecting = connect({ servers: nats.url, user: 'account-sync', pass: 'guessed' });
    await expect(connecting).rejects.toThrow(/Authorization Violation/i);
  });
});

describe.each(services)('%s', (service) => {
  const events = eventContracts().map((contract) => ({
    ...contract,
    subject: eventSubject(contract.eventType, tenantId),
  }));
  const requests = requestContracts();
  const sent = serviceAccess()[service].requests.map(
    (request) => (contractOf(request) as RequestContract).subject,
  );

  it("publishes its own events and is refused every other service's", async () => {
    const refused = await refusedOf(await as(service), 'publish', subjectsOf(events));
    expect(refused).toEqual(subjectsOf(events.filter(({ producer }) => producer !== service)));
  });

  it('sends the requests of the table and is refused every other', async () => {
    const refused = await refusedOf(await as(service), 'publish', subjectsOf(requests));
    expect(refused).toEqual(subjectsOf(requests).filter((subject) => !sent.includes(subject)));
  });

  it('subscribes to the events of the table that it watches and is refused every other', async () => {
    const watched = serviceAccess()[service].watches.map((type) => contractOf(type));
    const refused = await refusedOf(await as(service), 'subscribe', subjectsOf(events));
    expect(refused).toEqual(
      subjectsOf(events.filter(({ type }) => !watched.some((one) => one.type === type))),
    );
  });

  it("responds to its own requests and is refused every other service's", async () => {
    const refused = await refusedOf(await as(service), 'subscribe', subjectsOf(requests));
    expect(refused).toEqual(subjectsOf(requests.filter((contract) => contract.service !== service)));
  });

  it('gets no response of another service, and no event by a wildcard', async () => {
    const inboxes = services.filter((other) => other !== service).map((other) => `${inboxPrefix(other)}.>`);
    const all = ['>', '*.>', 'rpc.>', '_INBOX.>', '_INBOX.*.>', '$JS.>', '$KV.>', '*.*.*.*', ...inboxes];
    expect(await refusedOf(await as(service), 'subscribe', all)).toEqual(all);
  });

  it("changes nothing of another service's stream, and takes nothing from its consumers", async () => {
    const others = services.filter((other) => other !== service);
    const streams = others.map(streamName);
    const [own, everyStream] = [streamName(service), services.map(streamName)];
    const subjects = [
      ...streams.flatMap((stream) =>
        ['CREATE', 'UPDATE', 'DELETE', 'PURGE', 'MSG.GET', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE'].map(
          (action) => `$JS.API.STREAM.${action}.${stream}`,
        ),
      ),
      ...streams.map((stream) => `$JS.API.DIRECT.GET.${stream}`),
      ...everyStream.flatMap((stream) => [
        `$JS.API.CONSUMER.CREATE.${stream}`,
        ...['stray', ...others].flatMap((name) => [
          `$JS.API.CONSUMER.CREATE.${stream}.${name}`,
          `$JS.API.CONSUMER.CREATE.${stream}.${name}.>`,
          `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${name}`,
          `$JS.API.CONSUMER.INFO.${stream}.${name}`,
          `$JS.API.CONSUMER.DELETE.${stream}.${name}`,
          `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
          `$JS.ACK.${stream}.${name}.1.1.1.1.1`,
        ]),
      ]),
      ...['DELETE', 'PURGE', 'SNAPSHOT', 'RESTORE'].map((action) => `$JS.API.STREAM.${action}.${own}`),
      ...['STREAM.NAMES', 'STREAM.LIST', `CONSUMER.NAMES.${own}`, `CONSUMER.LIST.${own}`].map(
        (action) => `$JS.API.${action}`,
      ),
      '$JS.API.STREAM.CREATE.STRAY',
      '$JS.API.STREAM.CREATE.KV_stray',
      '$KV.stray.x',
    ];
    expect(await refusedOf(await as(service), 'publish', subjects)).toEqual(subjects);
  });

  it('writes and reads call budgets only if it calls CMP', async () => {
    const subjects = [
      `$KV.${callBudgetBucket}.x`,
      `$JS.API.STREAM.CREATE.KV_${callBudgetBucket}`,
      `$JS.API.STREAM.MSG.GET.KV_${callBudgetBucket}`,
      `$JS.API.DIRECT.GET.KV_${callBudgetBucket}.$KV.${callBudgetBucket}.x`,
    ];
    const refused = await refusedOf(await as(service), 'publish', subjects);
    expect(refused).toEqual(serviceAccess()[service].callsCmp ? [] : subjects);
  });
});

it('lets a service respond to a request once, and write to no other inbox', async () => {
  const [responder, caller] = [await as('connector-config'), await as('account-sync')];
  responder.subscribe('rpc.connector-config.read-connector', {
    callback: (_, message) => {
      message.respond('first');
      message.respond('second');
    },
  });
  await responder.flush();
  const own = `${inboxPrefix('account-sync')}.mine`;
  const received: string[] = [];
  caller.subscribe(own, { callback: (_, message) => void received.push(message.string()) });
  const response = await caller.request('rpc.connector-config.read-connector', '{}');
  expect(response.string()).toBe('first');
  caller.publish('rpc.connector-config.read-connector', '{}', { reply: own });
  await eventually(() => received.length > 0);
  expect(await refusedOf(responder, 'publish', [own])).toEqual([own]);
  await caller.flush();
  expect(received).toEqual(['first']);
});

const subjectsOf = (contracts: { subject: string }[]) => contracts.map(({ subject }) => subject);
