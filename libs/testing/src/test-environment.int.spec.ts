import { Client } from 'pg';
import { freshDatabase } from './test-environment.ts';

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
