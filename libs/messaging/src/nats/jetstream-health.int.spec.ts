import { readFile, writeFile } from 'node:fs/promises';
import { eventually, type RunningNats, startNats } from '@isthmus/testing';
import { type Program, runProgram } from '../../test/program.fixture.ts';
import { JetStreamHealth } from './jetstream-health.ts';
import { NatsConnection } from './nats-connection.ts';
import { NatsKey } from './nats-key.ts';

let nats: RunningNats;
let program: Program;
let health: JetStreamHealth;

beforeEach(async () => {
  nats = await startNats();
  // As itself: what it may ask is in its permissions.
  const key = NatsKey.ofEnvironment({ NATS_NKEY_SEED_FILE: nats.keys }, 'rest-provider');
  program = await runProgram({ service: 'rest-provider', natsUrl: nats.url, natsAccess: { key } });
  health = program.get(JetStreamHealth);
  await program.get(NatsConnection).ready();
});
afterEach(async () => {
  await program.close();
  await nats.stop();
});

/** Makes the server read its configuration, changed, again. */
async function reload(change: (conf: string) => string): Promise<void> {
  const conf = await readFile(nats.config, 'utf8');
  expect(change(conf)).not.toBe(conf);
  await writeFile(nats.config, change(conf));
  process.kill(nats.pid, 'SIGHUP');
}

/** A server that reloads may say something else for a moment. */
const problemLike = (pattern: RegExp) => eventually(async () => pattern.test((await health.problem()) ?? ''));

it('finds nothing wrong with a server that has JetStream', async () => {
  expect(await health.problem()).toBeUndefined();
});

it('says that JetStream is off while the connection stays, and that it works again', async () => {
  let line = '';
  await reload((conf) => conf.replace(/^jetstream .*$/m, (found) => ((line = found), '')));
  await problemLike(/^JetStream .*off .*npm run nats -- config/);
  await reload((conf) => `${line}\n${conf}`);
  await eventually(async () => (await health.problem()) === undefined);
});

it('says that the account has no JetStream', async () => {
  await reload((conf) => conf.replace('jetstream: enabled', 'jetstream: disabled'));
  await problemLike(/JetStream not enabled for account/);
});

it('says that the configuration of an older release does not let it ask', async () => {
  await reload((conf) => conf.replaceAll(/"\$JS\.API\.INFO",/g, ''));
  await problemLike(
    /does not let rest-provider publish under \$JS\.API\.INFO\. .*configuration of this release/,
  );
});

it('says that JetStream does not respond, before whoever asks loses patience, and asks once for many', async () => {
  process.kill(nats.pid, 'SIGSTOP');
  try {
    const problem = await eventually(() => health.problem());
    expect(problem).toMatch(/did not respond within 1000 ms/);
    const before = Date.now();
    await Promise.all(Array.from({ length: 50 }, () => health.problem()));
    expect(Date.now() - before).toBeLessThan(500);
  } finally {
    process.kill(nats.pid, 'SIGCONT');
  }
});
