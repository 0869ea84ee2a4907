import { mirrorListing, type Phase } from '@isthmus/sync-engine';
import { accountMirror } from '../accounts/account.mirror.ts';
import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';

let sync: Syncing;
beforeAll(async () => {
  sync = await startSyncing();
});
afterAll(() => sync.stop());

it('keeps the first of two records with one id on a page and sets the other aside', async () => {
  const runId = await sync.start({ scope: 'accounts' });
  const twice: Phase = {
    name: 'accounts',
    run: (context) =>
      mirrorListing(context, {
        mirror: accountMirror,
        page: async (offset, limit) => {
          const page = await context.cmp.customers.page({ offset, limit });
          return { ...page, total: page.total + 1, records: [...page.records, page.records[0]!] };
        },
      }),
  };
  const run = await sync.work(runId, { phasesOf: async () => [twice] });
  expect(run).toMatchObject({ status: 'succeeded', counts: { appeared: 120, setAside: 1 } });
  const { record } = await sync.one(
    `select r as record from sync_run_batches b, json_array_elements(b.records) r
     where run_id = $1 and r->>'result' = 'set-aside'`,
    [runId],
  );
  expect(record.reason).toContain('twice');
});
