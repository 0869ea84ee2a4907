import { Controller } from '@nestjs/common';
import { ProviderAccountLinkedV1 } from '@isthmus/contracts';
import { eventually, freePort, startNats } from '@isthmus/testing';
import { HandlerDeclaredTwice, On } from './consume/transport.ts';
import { emit } from './outbox/outbox.ts';
import { linkedEvent, RecordLinks, runProgram } from '../test/program.fixture.ts';

@Controller()
class SecondHandler {
  @On(ProviderAccountLinkedV1)
  async handle(): Promise<void> {}
}

it('starts and accepts events while there is no NATS at all, and delivers them when there is', async () => {
  const port = await freePort();
  const program = await runProgram({
    service: 'account-sync',
    natsUrl: `nats://127.0.0.1:${port}`,
    handlers: [RecordLinks],
  });
  await program.transaction(async (em) => emit(em, linkedEvent('early')));
  const nats = await startNats({ port });
  await eventually(async () => (await program.pool.query('select 1 from effects')).rowCount === 1);
  await program.close();
  await nats.stop();
});

it('stops when it is told to although NATS was never there', async () => {
  const natsUrl = `nats://127.0.0.1:${await freePort()}`;
  const program = await runProgram({ service: 'account-sync', natsUrl, handlers: [RecordLinks] });
  await expect(program.close()).resolves.toBeUndefined();
});

it('refuses to start with two handlers of one event', async () => {
  const natsUrl = `nats://127.0.0.1:${await freePort()}`;
  const starting = runProgram({ service: 'consumer', natsUrl, handlers: [RecordLinks, SecondHandler] });
  await expect(starting).rejects.toBeInstanceOf(HandlerDeclaredTwice);
});
