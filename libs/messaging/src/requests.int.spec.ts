import { Controller } from '@nestjs/common';
import {
  ContractViolated,
  FindApiKey,
  OpenConnector,
  OpenedConnector,
  PauseConnector,
  type PausedConnector,
} from '@isthmus/contracts';
import { startNats, type RunningServer } from '@isthmus/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Program, runProgram, tenantId } from '../test/program.fixture.ts';
import { type AskContext, Asker, AskRefused, AskTooLarge, AskUnanswered } from './requests.ts';
import { Answers } from './consume/transport.ts';

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
  static context?: AskContext;

  @Answers(PauseConnector)
  async pause({ cause }: PauseConnector, context: AskContext): Promise<PausedConnector> {
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

  @Answers(OpenConnector)
  async open(): Promise<OpenedConnector> {
    return { name: 'x'.repeat(600_000) } as OpenedConnector;
  }
}

let nats: RunningServer;
let answering: Program;
let asking: Program;
let asker: Asker;

beforeAll(async () => {
  nats = await startNats();
  answering = await runProgram({ service: 'connector-config', natsUrl: nats.url, handlers: [Connectors] });
  asking = await runProgram({ service: 'account-sync', natsUrl: nats.url });
  asker = asking.get(Asker);
});
afterAll(async () => {
  await asking.close();
  await answering.close();
  await nats.stop();
});

it('brings a question to the service that answers it, with deadline and correlation', async () => {
  const answer = await asker.ask(PauseConnector, pause('ok'), { deadlineMs: 2_000, correlationId: 'c-1' });
  expect(answer).toMatchObject({ status: 'paused' });
  expect(Connectors.context?.correlationId).toBe('c-1');
  expect(Connectors.context!.deadline.getTime() - Date.now()).toBeLessThanOrEqual(2_000);
});

it("brings back the answering service's own error code and words", async () => {
  const asked = asker.ask(PauseConnector, pause('unknown'));
  await expect(asked).rejects.toMatchObject({
    name: 'AskRefused',
    code: 'connector.unknown',
    message: 'No such connector.',
    nextStep: 'List them.',
  });
});

it('keeps what an unforeseen error says to itself', async () => {
  const error: unknown = await asker.ask(PauseConnector, pause('secret')).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(AskRefused);
  expect(error).toMatchObject({ code: 'ask.failed', message: expect.not.stringContaining('hunter2') });
});

it('refuses a question that breaks its contract', async () => {
  const asked = asker.ask(PauseConnector, { ...pause('ok'), tenantId: 'nobody' });
  await expect(asked).rejects.toMatchObject({ code: 'contract.violated' });
});

it('refuses an answer that breaks its contract', async () => {
  await expect(asker.ask(PauseConnector, pause('wrong'))).rejects.toBeInstanceOf(ContractViolated);
});

it('gives up at the deadline', async () => {
  await expect(asker.ask(PauseConnector, pause('slow'), { deadlineMs: 100 })).rejects.toMatchObject({
    code: 'ask.timed-out',
  });
});

it('gives up at the deadline when nobody answers such questions', async () => {
  const asked = asker.ask(FindApiKey, { tenantId } as never, { deadlineMs: 250 });
  await expect(asked).rejects.toBeInstanceOf(AskUnanswered);
});

it('refuses to carry more than 512 KiB either way', async () => {
  await expect(asker.ask(PauseConnector, pause('x'.repeat(600_000)))).rejects.toBeInstanceOf(AskTooLarge);
  await expect(asker.ask(OpenConnector, { tenantId, connectorId: tenantId })).rejects.toMatchObject({
    code: 'ask.too-large',
  });
});

it('finishes what was asked when the answering service ends', async () => {
  const asked = asker.ask(PauseConnector, pause('slow'));
  await sleep(50);
  await answering.close();
  await expect(asked).resolves.toMatchObject({ status: 'paused' });
  answering = await runProgram({ service: 'connector-config', natsUrl: nats.url, handlers: [Connectors] });
});

it('waits for the answering service while that restarts', async () => {
  await answering.close();
  const asked = asker.ask(PauseConnector, pause('ok'));
  answering = await runProgram({ service: 'connector-config', natsUrl: nats.url, handlers: [Connectors] });
  await expect(asked).resolves.toMatchObject({ status: 'paused' });
});
