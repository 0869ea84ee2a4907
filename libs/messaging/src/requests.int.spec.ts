import { Controller } from '@nestjs/common';
import {
  ContractViolated,
  FindApiKey,
  OpenConnector,
  OpenConnectorResponse,
  PauseConnector,
  type PauseConnectorResponse,
} from '@isthmus/contracts';
import { connectNats, eventually, startNats, type RunningServer } from '@isthmus/testing';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Program, runProgram, tenantId } from '../test/program.fixture.ts';
import {
  type RequestContext,
  RequestClient,
  RequestRefused,
  MessageTooLarge,
  NoResponse,
} from './requests.ts';
import { RespondTo } from './consume/transport.ts';

const subject = 'rpc.connector-config.pause-connector';
const pause = (cause: string): PauseConnector => ({
  tenantId,
  connectorId: tenantId,
  cause,
  detail: 'd',
  nextStep: 'n',
});

@Controller()
class Connectors {
  static answered = 0;
  static context?: RequestContext;

  @RespondTo(PauseConnector)
  async pause({ cause }: PauseConnector, context: RequestContext): Promise<PauseConnectorResponse> {
    Connectors.context = context;
    if (cause === 'slow') await sleep(300);
    if (cause === 'unknown')
      throw Object.assign(new Error('No such connector.'), {
        code: 'connector.unknown',
        nextStep: 'List them.',
      });
    if (cause === 'secret') throw new Error('the password is hunter2');
    Connectors.answered += 1;
    return cause === 'wrong' ? ({ status: 'asleep' } as never) : { status: 'paused' };
  }

  @RespondTo(OpenConnector)
  async open(): Promise<OpenConnectorResponse> {
    return { name: 'x'.repeat(600_000) } as OpenConnectorResponse;
  }
}

let nats: RunningServer;
let answering: Program;
let caller: Program;
let requests: RequestClient;

beforeAll(async () => {
  nats = await startNats();
  answering = await runProgram({ service: 'connector-config', natsUrl: nats.url, handlers: [Connectors] });
  caller = await runProgram({ service: 'account-sync', natsUrl: nats.url });
  requests = caller.get(RequestClient);
});
afterAll(async () => {
  await caller.close();
  await answering.close();
  await nats.stop();
});

it('brings a question to the service that answers it, with deadline and correlation', async () => {
  const answer = await requests.request(PauseConnector, pause('ok'), {
    deadlineMs: 2_000,
    correlationId: 'c-1',
  });
  expect(answer).toMatchObject({ status: 'paused' });
  expect(Connectors.context?.correlationId).toBe('c-1');
  expect(Connectors.context!.deadline.getTime() - Date.now()).toBeLessThanOrEqual(2_000);
});

it("brings back the answering service's own error code and words", async () => {
  const requested = requests.request(PauseConnector, pause('unknown'));
  await expect(requested).rejects.toMatchObject({
    name: 'RequestRefused',
    code: 'connector.unknown',
    message: 'No such connector.',
    nextStep: 'List them.',
  });
});

it('keeps what an unforeseen error says to itself', async () => {
  const error: unknown = await requests
    .request(PauseConnector, pause('secret'))
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RequestRefused);
  expect(error).toMatchObject({ code: 'request.failed', message: expect.not.stringContaining('hunter2') });
});

it('refuses a question that breaks its contract', async () => {
  const requested = requests.request(PauseConnector, { ...pause('ok'), tenantId: 'nobody' });
  await expect(requested).rejects.toMatchObject({ code: 'contract.violated' });
});

it('refuses an answer that breaks its contract', async () => {
  await expect(requests.request(PauseConnector, pause('wrong'))).rejects.toBeInstanceOf(ContractViolated);
});

it('gives up at the deadline', async () => {
  await expect(requests.request(PauseConnector, pause('slow'), { deadlineMs: 100 })).rejects.toMatchObject({
    code: 'request.timeout',
  });
});

it('gives up at the deadline when nobody answers such questions', async () => {
  const requested = requests.request(FindApiKey, { tenantId } as never, { deadlineMs: 250 });
  await expect(requested).rejects.toBeInstanceOf(NoResponse);
});

it('refuses to carry more than 512 KiB either way', async () => {
  await expect(requests.request(PauseConnector, pause('x'.repeat(600_000)))).rejects.toBeInstanceOf(
    MessageTooLarge,
  );
  await expect(requests.request(OpenConnector, { tenantId, connectorId: tenantId })).rejects.toMatchObject({
    code: 'request.too-large',
  });
});

it('does nothing for what a consumer delivers under its subject, nor for whoever waits for no response', async () => {
  const connection = await connectNats(nats.url);
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'STRAY', subjects: ['stray'] });
    await manager.consumers.add('STRAY', { durable_name: 'pulled', ack_policy: AckPolicy.Explicit });
    await manager.consumers.add('STRAY', {
      durable_name: 'pushed',
      ack_policy: AckPolicy.Explicit,
      deliver_subject: subject,
    });
    const request = JSON.stringify({ pattern: subject, data: pause('ok'), id: '1' });
    const before = Connectors.answered;
    let seen = 0;
    connection.subscribe(subject, { callback: () => void (seen += 1) });
    await jetstream(connection).publish('stray', request);
    connection.publish('$JS.API.CONSUMER.MSG.NEXT.STRAY.pulled', '{"batch":1}', { reply: subject });
    connection.publish(subject, request);
    connection.publish(subject, request, { reply: 'account-sync.x.provider-account-closed.v1' });
    await eventually(() => seen >= 4);
    // Behind them, so that they have been seen by now.
    await requests.request(PauseConnector, pause('ok'));
    expect(Connectors.answered).toBe(before + 1);
  } finally {
    await connection.close();
  }
});

it('finishes what was asked when the answering service ends', async () => {
  const requested = requests.request(PauseConnector, pause('slow'));
  await sleep(50);
  await answering.close();
  await expect(requested).resolves.toMatchObject({ status: 'paused' });
  answering = await runProgram({ service: 'connector-config', natsUrl: nats.url, handlers: [Connectors] });
});

it('waits for the answering service while that restarts', async () => {
  await answering.close();
  const requested = requests.request(PauseConnector, pause('ok'));
  answering = await runProgram({ service: 'connector-config', natsUrl: nats.url, handlers: [Connectors] });
  await expect(requested).resolves.toMatchObject({ status: 'paused' });
});
