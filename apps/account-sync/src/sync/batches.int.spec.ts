import { mirrorListing, type Batch, type Phase, type RunContext, type RunRecord } from '@isthmus/sync-engine';
import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';
import { accountMirror } from '../accounts/account.mirror.ts';

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

/** Two batches under way at once, of which the second has written its effects before the first may go on. */
async function twoAtOnce(first: () => Promise<{ records?: RunRecord[] }>) {
  const secondWritten = Promise.withResolvers<void>();
  const outcomes: PromiseSettledResult<unknown>[] = [];
  const batch = (name: string, write: Batch['write']): Batch => ({ state: name, done: 1, write });
  const run = async (context: RunContext) => {
    const commits = [
      context.commit(
        batch('first', async () => {
          await secondWritten.promise;
          return first();
        }),
      ),
      context.commit(
        batch('second', async () => {
          secondWritten.resolve();
          return { records: [{ kind: 'second', result: 'changed' }] };
        }),
      ),
    ];
    outcomes.push(...(await Promise.allSettled(commits)));
    await Promise.all(commits);
  };
  const runId = await sync.start({ scope: 'accounts' });
  const row = await sync.work(runId, { phasesOf: async () => [{ name: 'two', run }] });
  const { rows } = await sync.pool.query<{ kind: string }>(
    `select records->0->>'kind' as kind from sync_run_batches where run_id = $1 order by seq`,
    [runId],
  );
  return { row, outcomes, kinds: rows.map(({ kind }) => kind) };
}

it('commits batches in the order they were given, whichever is written first', async () => {
  const { row, kinds } = await twoAtOnce(async () => ({ records: [{ kind: 'first', result: 'changed' }] }));
  expect(row.status).toBe('succeeded');
  expect(kinds).toEqual(['first', 'second']);
});

it('commits nothing after a batch that failed, or its successor would go on behind a gap', async () => {
  const { row, outcomes, kinds } = await twoAtOnce(async () => {
    throw new Error('the first one breaks');
  });
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(kinds).toEqual([]);
  expect(row).toMatchObject({ status: 'running', waiting: { reason: 'the first one breaks' } });
});
