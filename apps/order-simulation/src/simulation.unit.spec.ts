import { auditBug } from './bugs/bugs.ts';
import { enoughUnaided, runBatch, runScenarios } from './run-scenarios.ts';
import { runScenario } from './scenario.ts';

describe('stories of ordering over a bad line', () => {
  it('double nothing, lose nothing and end every command, nearly all of them unaided', async () => {
    const said: string[] = [];
    const sum = await runScenarios(1, 60, (line) => said.push(line), runBatch);
    expect(sum).toMatchObject({ seeds: 60, violations: [] });
    expect(enoughUnaided(sum)).toBe(true);
    expect(said.at(-1)).toMatch(/^violated: 0;/);
  });

  it('are the same again from the same seed', async () => {
    const first: string[] = [];
    const again: string[] = [];
    await runScenario(7, undefined, (line) => first.push(line));
    await runScenario(7, undefined, (line) => again.push(line));
    expect(first.length).toBeGreaterThan(20);
    expect(again).toEqual(first);
  });
});

/** The others need more seeds than a unit test has time for; `npm test -- simulation` plants them all. */
const quick = [
  'ack-before-commit',
  'blind-repost',
  'check-then-insert',
  'clear-words-are-proof',
  'entry-id-by-place',
  'first-line-is-ordered',
  'inbox-forgets',
  'lines-by-place',
  'news-in-any-order',
  'no-marker',
  'odd-page-left-out',
  'odd-record-is-gone',
  'odd-record-stops-page',
  'older-version-applied',
  'returned-seats-are-new',
  'said-before-stored',
  'term-from-later-date',
  'term-left-out',
  'timeout-is-not-sent',
  'transfer-not-followed',
  'unknown-cycle-is-null',
  'unknown-seats-are-none',
  'window-from-completion',
  'window-from-reading',
];

it.each(quick)('the checker notices %s', async (name) => {
  expect(await auditBug(name, 1, 20)).toMatchObject({ bug: name, violation: expect.anything() });
});
