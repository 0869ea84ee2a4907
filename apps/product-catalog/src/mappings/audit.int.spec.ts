import { randomUUID } from 'node:crypto';
import { auditedActions, watchAudit } from '@isthmus/testing';
import { at, type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';
import { productCatalogOptions } from '../product-catalog.options.ts';

let catalog: RunningCatalog;
let log: ReturnType<typeof watchAudit>;
beforeAll(async () => {
  catalog = await runProductCatalog();
  log = watchAudit(async (sql, values) => (await catalog.pool.query(sql, values)).rows, catalog.tenantId);
});
afterAll(() => catalog.stop());

const ann = { sub: 'ann', roles: ['operator'] as const };
const byAnn = { subject: 'ann', channel: 'console', role: 'operator' };
const command = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  catalog.call(method, path, {
    body,
    as: ann as never,
    headers: { 'idempotency-key': randomUUID(), ...headers },
  });

it('has one entry of every command that changes something, with what changed and why', async () => {
  const { connectorId } = catalog;
  const { id: runId } = await catalog.sync();
  expect(await log.written()).toMatchObject([
    { action: 'sync-run.start', thing: `sync-run ${runId}`, after: { connectorId, scope: 'products' } },
  ]);
  const [one, two] = (
    await catalog.pool.query(
      `select id, cmp_id from products where mpn = 'CFQ7TTC0LH16:0001' order by id limit 2`,
    )
  ).rows;

  const partNumber = 'INGRAM:MICROSOFT:OLD-BASIC';
  const mapping = `${at(partNumber)}/mapping?connectorId=${connectorId}`;
  const ofNumber = { ...byAnn, thing: `part-number ${partNumber}` };
  await command('PUT', mapping, { productId: one.id, reason: 'Its successor.' });
  await command('PUT', mapping, { productId: one.id, reason: 'Which changes nothing.' });
  await command('PUT', mapping, { productId: two.id });
  await command('PUT', mapping, { productId: null });
  await command('DELETE', `${mapping}&reason=A%20mistake.`);
  expect((await command('DELETE', mapping)).status).toBe(404);
  expect(await log.written()).toMatchObject([
    {
      ...{ ...ofNumber, action: 'part-number.map', before: null, reason: 'Its successor.' },
      after: { connectorId, productId: one.id, excluded: false },
    },
    { ...ofNumber, action: 'part-number.map', before: { productId: one.id }, after: { productId: two.id } },
    {
      ...{ ...ofNumber, action: 'part-number.map' },
      ...{ before: { productId: two.id, excluded: false }, after: { productId: null, excluded: true } },
    },
    {
      ...{ ...ofNumber, action: 'part-number.unmap', reason: 'A mistake.' },
      ...{ before: { productId: null, excluded: true }, after: null },
    },
  ]);

  const aliases = { connectorId, productIds: [one.id] };
  const shown = await command('POST', '/v1/part-numbers/aliases/preview', aliases);
  expect(await log.written()).toEqual([]);
  const created = await command('POST', '/v1/part-numbers/aliases', {
    ...aliases,
    reason: 'For Work 365.',
  });
  expect(created.status).toBe(200);
  expect(await log.written()).toMatchObject([
    {
      ...{ ...byAnn, action: 'alias.create', thing: `connector ${connectorId}`, reason: 'For Work 365.' },
      after: { aliases: 1, partNumbers: [{ productId: one.id, partNumber: shown.body.rows[0].partNumber }] },
    },
  ]);
  await command('POST', '/v1/part-numbers/aliases', aliases);

  const file = `part_number,billing_period,term,product_id,action,reason\nINGRAM:MICROSOFT:A,,,${one.cmp_id},,first\n`;
  const sent = await command('POST', `/v1/mappings/import?connectorId=${connectorId}`, file, {
    'content-type': 'text/csv',
  });
  expect(await log.written()).toEqual([]);
  const apply = `/v1/mappings/import/${sent.body.id}/apply`;
  const headers = { 'idempotency-key': randomUUID() };
  const bodies = [
    await command('POST', apply, undefined, headers),
    await command('POST', apply, undefined, headers),
  ];
  expect(bodies[1]!.body).toEqual(bodies[0]!.body);
  expect(await log.written()).toMatchObject([
    {
      ...{ ...byAnn, action: 'mapping-import.apply', thing: `mapping-import ${sent.body.id}` },
      after: { connectorId, status: 'applied', counts: { map: 1 } },
    },
  ]);
  const declared = await auditedActions(productCatalogOptions);
  // What is done with runs is the same in account-sync, whose spec has these.
  expect(log.unseen(declared)).toEqual(['sync-run.apply', 'sync-run.approve', 'sync-run.cancel']);
});
