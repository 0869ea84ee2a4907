import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Json, runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';
import { readAccountFile } from './account-file.dto.ts';

let api: RunningAccountSync;
beforeAll(async () => {
  api = await runAccountSync();
});
afterAll(() => api.stop());

const send = (file: string, query = '', as = {}) =>
  api.call('POST', `/v1/tenant-accounts/import${query}`, {
    body: file,
    headers: { 'content-type': 'text/csv' },
    as,
  });
const read = async (id: string) => (await api.call('GET', `/v1/tenant-accounts/${id}`)).body;
const outcomes = ({ body }: { body: Json }) => body.results.map(({ outcome }: Json) => outcome);

const file = [
  'id,name,domains,emails,taxRegId',
  'A1,Fabrikam,"Fabrikam.com; fabrikam.de",info@fabrikam.com,',
  'A2,"Contoso, Inc.",,,US-9',
  'A 3,Bad id,,,',
  'A4,,,,',
  'A5,Bad mail,,nobody,',
  'A1,Twice,,,',
].join('\n');

it('creates, replaces and leaves alone, row by row, and says why a row cannot be used', async () => {
  const tried = await send(file, '?dryRun=true');
  const counts = { created: 2, changed: 0, unchanged: 0, refused: 4 };
  expect(tried).toMatchObject({ status: 200, body: { dryRun: true, ...counts } });
  expect((await api.call('GET', '/v1/tenant-accounts')).body.data).toEqual([]);

  const made = await send(file);
  expect(made.body).toEqual({ ...tried.body, dryRun: false });
  expect(made.body.results.slice(0, 3).map(({ name }: Json) => name)).toEqual([
    'Fabrikam',
    'Contoso, Inc.',
    undefined,
  ]);
  expect(made.body.results.slice(2).map(({ row, problem }: Json) => [row, problem])).toEqual([
    [3, expect.stringContaining('id must be')],
    [4, expect.stringContaining('name')],
    [5, expect.stringContaining('emails')],
    [6, 'Row 1 is about the same account.'],
  ]);
  expect(await read('A1')).toMatchObject({
    ...{ name: 'Fabrikam', domains: ['fabrikam.com', 'fabrikam.de'], emails: ['info@fabrikam.com'] },
    taxRegId: null,
  });
  expect(await read('A2')).toMatchObject({ name: 'Contoso, Inc.', taxRegId: 'US-9', version: 1 });

  expect(outcomes(await send('name,id\n"Contoso, Ltd.",A2\nFabrikam,A1\n'))).toEqual(['changed', 'changed']);
  expect(outcomes(await send('name,id\n"Contoso, Ltd.",A2\n'))).toEqual(['unchanged']);
  expect(await read('A2')).toMatchObject({ name: 'Contoso, Ltd.', taxRegId: null, version: 2 });
});

it('takes back what our list is exported as', async () => {
  const formula = '=HYPERLINK("x")';
  const account = { name: formula, domains: ['a.com', 'b.com'], emails: [], taxRegId: null };
  await api.call('PUT', '/v1/tenant-accounts/E1', { body: account });
  const exported = await api.call('GET', '/v1/tenant-accounts?q=E1', { headers: { accept: 'text/csv' } });
  expect(exported.body).toContain(`'=HYPERLINK`);
  expect(outcomes(await send(exported.body))).toEqual(['unchanged']);
});

it.each([
  ['a column that nobody knows', 'id,name,colour\n1,a,b\n'],
  ['no name column', 'id\n1\n'],
  ['a column twice', 'id,name,name\n1,a,b\n'],
  ['no rows', 'id,name\n'],
  ['nothing', ''],
  ['a quote that is not closed', 'id,name\n1,"a\n'],
  ['rows of another length', 'id,name\n1\n'],
  ['another encoding', 'id,name\n1,caf\ufffd\n'],
])('refuses a file with %s, and changes nothing', async (_, text) => {
  const { status, body } = await send(text);
  expect([status, body.type]).toEqual([422, 'urn:isthmus:problem:tenant-account-file.not-usable']);
});

it.each([
  ['a million rows', (size: number) => 'id,name\n' + 'a,b\n'.repeat(size / 4), /more than 5000 rows/],
  [
    'a million lines in a row',
    (size: number) => `id,name\n1,"${'a\n'.repeat(size / 2)}"\n`,
    /cannot be read/,
  ],
  [
    'a million domains',
    (size: number) => `id,name,domains\n1,a,${'a '.repeat(size / 2)}\n`,
    /cannot be read/,
  ],
])('refuses a file with %s before it keeps others waiting', async (_, make, problem) => {
  const refusal = async (size: number) => {
    const bytes = Buffer.from(make(size));
    const before = process.cpuUsage();
    await expect(readAccountFile(Readable.from([bytes]))).rejects.toThrow(problem);
    return process.cpuUsage(before).user;
  };
  await refusal(200_000);
  const some = await refusal(200_000);
  // Twenty times as large: decoding it takes a little longer, parsing it does not.
  expect(await refusal(4_000_000)).toBeLessThan(6 * some + 50_000);
});

it('is for operators, and only changes accounts of their tenant', async () => {
  expect((await send(file, '', { roles: ['viewer'] })).status).toBe(403);
  const mine = await read('A2');
  expect((await send('id,name\nA2,Theirs\n', '', { tenant: randomUUID() })).body.created).toBe(1);
  expect(await read('A2')).toEqual(mine);
});
