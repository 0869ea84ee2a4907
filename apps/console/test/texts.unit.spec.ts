import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { definitionsIn } from '../compiled-texts.mjs';

const root = join(import.meta.dirname, '../src');
const files = [...globSync('**/texts.ts', { cwd: root }), ...globSync('texts/*.ts', { cwd: root })].filter(
  (file) =>
    !file.endsWith('.spec.ts') &&
    !['catalog.ts', 'format.ts', 'use-texts.ts'].includes(basename(file)) &&
    file !== 'texts/texts.ts',
);
const definitions = files.flatMap((file) => definitionsIn(readFileSync(join(root, file), 'utf8'), file));

/** The names and choices of a message, whatever its words. */
const shapeOf = (message: unknown): unknown =>
  Array.isArray(message)
    ? message
        .filter((part) => Array.isArray(part))
        .map(([name, kind]: unknown[]) => [name, kind])
        .sort((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)))
    : [];

it('there are texts, each part and page under a name of its own', () => {
  const namespaces = definitions.map(({ namespace }) => namespace);
  expect(namespaces).toEqual(
    expect.arrayContaining(['common', 'shell', 'accounts', 'integrations', 'syncRuns']),
  );
  expect(new Set(namespaces).size).toBe(namespaces.length);
});

it.each(definitions.map((one) => [one.namespace, one] as const))(
  '%s says the same things in both languages, with the same values in them',
  (_, { en, de }) => {
    expect(Object.keys(de)).toEqual(Object.keys(en));
    for (const [name, text] of Object.entries(en)) {
      expect(text.trim()).not.toBe('');
      expect([name, shapeOf(compileMessage(de[name]!))]).toEqual([name, shapeOf(compileMessage(text))]);
    }
  },
);
