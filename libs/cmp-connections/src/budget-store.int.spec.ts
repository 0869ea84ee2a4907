import { NatsConnection, NatsKey } from '@isthmus/messaging';
import { startNats, type RunningServer } from '@isthmus/testing';
import { budgetStore } from './budget-store.ts';

let nats: RunningServer;
let connection: NatsConnection;

beforeAll(async () => {
  nats = await startNats();
  connection = new NatsConnection(
    nats.url,
    'budgets',
    NatsKey.ofEnvironment({ NATS_NKEY_SEED_FILE: process.env.NATS_NKEY_SEED_FILE }, 'budgets'),
  );
});
afterAll(async () => {
  await connection.close();
  await nats.stop();
});

it('lets one of many win each round, whoever they are', async () => {
  const stores = Array.from({ length: 8 }, () => budgetStore(connection));
  const key = 'https://api.example.com / key one';
  for (let round = 0; round < 5; round += 1) {
    const seen = await stores[0]!.get(key);
    const wins = await Promise.all(
      stores.map((store, who) => store.put(key, `${round}/${who}`, seen?.revision)),
    );
    expect(wins.filter(Boolean)).toHaveLength(1);
    expect((await stores[1]!.get(key))?.value).toBe(`${round}/${wins.indexOf(true)}`);
  }
});

it('knows nothing of a key nobody has put', async () => {
  expect(await budgetStore(connection).get('never put')).toBeUndefined();
});
