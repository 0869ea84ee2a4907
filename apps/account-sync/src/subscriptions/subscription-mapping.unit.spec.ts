import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { subscriptionMirror } from './subscription.mirror.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** Whatever decides what a row contains for a given JSON of CMP. */
const places = [
  'apps/account-sync/src/subscriptions/subscription.mirror.ts',
  'libs/cmp-client/src/records',
  'libs/cmp-client/src/resources/subscriptions.ts',
  'libs/domain/src',
  'libs/sync-engine/src/mirror/mirror.ts',
];

const filesOf = (place: string): string[] =>
  place.endsWith('.ts')
    ? [place]
    : readdirSync(root + place, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
        .map((name) => `${place}/${name}`)
        .sort();

/**
 * A record of which CMP sends the same as before is not read again, so a change of how it is read needs another `mapping`. If this
 * fails: increase `mapping` of `subscriptionMirror` if your change can make a row different for the same JSON; then put the printed
 * line here.
 */
it('has a new version of the mapping whenever the code that reads and maps subscriptions may have changed', () => {
  const sources = places.flatMap(filesOf).map((file) => readFileSync(root + file, 'utf8'));
  expect(`${subscriptionMirror.mapping} ${hash('sha256', sources.join('\n'), 'hex').slice(0, 16)}`).toBe(
    '1 238abe6383e6c0b7',
  );
});
