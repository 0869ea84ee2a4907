import { join } from 'node:path';
import { readCode, structureOf, violationsOf } from '../../structure/file-rule.mjs';

it('holds for every file of this repository', () => {
  const violations = violationsOf(structureOf(readCode(join(import.meta.dirname, '../../..'))));
  expect(violations.map(({ message }) => message)).toEqual([]);
});

describe('what breaks the file rule', () => {
  const lines = (count: number, first = 'export const a = 1;') =>
    `${first}\n${'// a line\n'.repeat(count - 1)}`;
  const broken = (code: Record<string, string>) =>
    violationsOf(structureOf(new Map(Object.entries(code)))).map(({ message }) => message);
  const folder = (count: number, of = (n: number) => `apps/a/src/one/file-${n}.ts`) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [of(n), lines(50)]));
  const reason = '/* eslint max-lines: ["error", 600] -- the protocol, side by side */';

  it('is a file of more than 400 lines, or of more than 600 with a reason', () => {
    expect(broken({ 'libs/a/src/long.ts': lines(401) })).toEqual([
      expect.stringMatching(/^libs\/a\/src\/long\.ts has 401 lines, 400 at most: split it by ideas/),
    ]);
    expect(broken({ 'libs/a/src/long.ts': lines(601, reason) })).toHaveLength(1);
    expect(
      broken({ 'libs/a/src/long.ts': lines(500, '/* eslint max-lines: ["error", 600] */') }),
    ).toHaveLength(1);
    expect(broken({ 'libs/a/src/long.ts': lines(400), 'libs/a/src/longer.ts': lines(600, reason) })).toEqual(
      [],
    );
  });

  it('is a folder of more than twelve files, specs and migrations not counted', () => {
    expect(broken(folder(13))).toEqual([
      expect.stringMatching(/^apps\/a\/src\/one has 13 source files, 12 at most: join files/),
    ]);
    const others = {
      ...folder(20, (n) => `apps/a/src/one/file-${n}.unit.spec.ts`),
      ...folder(20, (n) => `apps/a/src/migrations/${n}.ts`),
    };
    expect(broken({ ...folder(12), ...others })).toEqual([]);
  });

  it('is a small file with one importer, beside it', () => {
    const small = 'apps/a/src/one/small.ts';
    const big = lines(100, "import { a } from './small.ts';");
    expect(broken({ [small]: lines(39), 'apps/a/src/one/big.ts': big })).toEqual([
      `${small} has 39 lines and is imported by apps/a/src/one/big.ts alone: move what it holds there.`,
    ]);
    expect(broken({ [small]: lines(40), 'apps/a/src/one/big.ts': big })).toEqual([]);
    // One more importer, an importer elsewhere, the package's door, none at all; a spec is no importer.
    expect(broken({ [small]: lines(9), 'apps/a/src/one/b.ts': big, 'apps/a/src/one/c.ts': big })).toEqual([]);
    expect(
      broken({ [small]: lines(9), 'apps/a/src/two/b.ts': lines(100, "import '../one/small.ts';") }),
    ).toEqual([]);
    expect(broken({ [small]: lines(9), 'apps/a/src/one/index.ts': big })).toEqual([]);
    expect(broken({ [small]: lines(9), 'apps/a/src/one/a.unit.spec.ts': big })).toEqual([]);
  });

  it.each(['main.ts', 'config.ts', 'a.module.ts', 'migrations/0001.ts'])(
    'is not a small %s, which says what it is for by its name',
    (name) => {
      const file = `apps/a/src/${name}`;
      const importer = join(file, '..', 'big.ts');
      expect(
        broken({ [file]: lines(9), [importer]: lines(100, `import './${name.split('/').at(-1)}';`) }),
      ).toEqual([]);
    },
  );

  it('is a cycle of imports, types too', () => {
    const cycle = {
      'libs/a/src/one.ts': lines(50, "import type { a } from './two.ts';"),
      'libs/a/src/two.ts': lines(50, "export { a } from './three.ts';"),
      'libs/a/src/three.ts': lines(50, "import { b } from './one.ts';"),
    };
    expect(broken(cycle)).toEqual([
      'libs/a/src/one.ts ⇄ libs/a/src/two.ts ⇄ libs/a/src/three.ts import each other: ' +
        'join them, or move what both need into a file that imports neither.',
    ]);
    expect(broken({ ...cycle, 'libs/a/src/three.ts': lines(50) })).toEqual([]);
  });
});
