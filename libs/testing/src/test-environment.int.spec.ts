import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Client } from 'pg';
import { claimPort, freePort } from '../servers/index.mjs';
import { freshDatabase, migratedDatabase } from './test-environment.ts';

it('gives each caller an empty database of its own and takes it away again', async () => {
  const [one, two] = [await freshDatabase('one'), await freshDatabase('two')];
  const client = new Client({ connectionString: one.url });
  await client.connect();
  await client.query('create table only_here (id int)');
  const { rows } = await client.query(
    `select count(*)::int as n from pg_database where datname like 'two_%'`,
  );
  await client.end();
  expect(one.url).not.toBe(two.url);
  expect(rows[0].n).toBe(1);
  await one.drop();
  await two.drop();
  await expect(new Client({ connectionString: one.url }).connect()).rejects.toThrow(/does not exist/);
});

it('migrates once and gives copies of that', async () => {
  let migrated = 0;
  const migrate = async ({ url }: { url: string }) => {
    migrated += 1;
    await query(url, 'create table migrated (id int)');
  };
  const both = await Promise.all([migratedDatabase('three', migrate), migratedDatabase('three', migrate)]);
  const third = await migratedDatabase('three', migrate);
  await query(both[0].url, 'insert into migrated values (1)');
  const rows = await Promise.all(
    [...both, third].map(async ({ url }) => (await query(url, 'select * from migrated')).length),
  );
  expect(migrated).toBe(1);
  expect(rows).toEqual([1, 0, 0]);
  await Promise.all([...both, third].map((one) => one.drop()));
});

it('gives a port to one process only, and none that Linux may hand out meanwhile', async () => {
  const port = await freePort();
  expect(port).toBeLessThan(32_768);
  const servers = new URL('../servers/index.mjs', import.meta.url).href;
  const claim = `console.log(await (await import('${servers}')).claimPort(${port}))`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', claim], { encoding: 'utf8' });
  expect(said.trim()).toBe('false');
});

it('claims no port that somebody listens on', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await claimPort(port)).toBe(false);
  server.close();
  await once(server, 'close');
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}
