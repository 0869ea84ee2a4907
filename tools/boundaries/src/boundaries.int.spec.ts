import { projects, ScratchWorkspace, type Complaint, type Project } from './scratch-workspace.ts';

/** Who may import whom, said a second time: the lint's own table must agree, and must bite. */
const table: Record<string, string[]> = {
  domain: [],
  contracts: ['domain'],
  client: ['domain'],
  messaging: ['domain', 'contracts'],
  kit: ['domain', 'contracts', 'messaging'],
  connections: ['domain', 'contracts', 'client', 'messaging', 'kit'],
  sync: ['domain', 'contracts', 'client', 'messaging', 'kit', 'connections'],
  testing: ['domain', 'contracts', 'client', 'messaging', 'kit'],
  service: ['domain', 'contracts', 'client', 'messaging', 'kit', 'connections', 'sync'],
  simulation: ['domain', 'contracts', 'client', 'messaging', 'kit', 'sync', 'service'],
  composition: ['kit', 'service'],
  web: ['domain', 'sdk'],
  sdk: [],
  simulator: ['domain', 'client', 'kit'],
  e2e: [
    'domain',
    'contracts',
    'client',
    'messaging',
    'kit',
    'connections',
    'sync',
    'testing',
    'simulator',
    'sdk',
  ],
};

const all = projects();
const service = 'apps/account-sync/src';

/** Beyond the table: file, its text, and the rule that must refuse it. */
const refused: [string, string, string][] = [
  [`${service}/http/a.ts`, "import '@isthmus/testing';", '@typescript-eslint/no-restricted-imports'],
  [`${service}/http/b.ts`, "import '@isthmus/cmp-simulator';", '@typescript-eslint/no-restricted-imports'],
  [`${service}/http/c.ts`, "import '@nats-io/jetstream';", '@typescript-eslint/no-restricted-imports'],
  [
    `${service}/http/d.ts`,
    "import { Pool } from 'pg';\nnew Pool();",
    '@typescript-eslint/no-restricted-imports',
  ],
  [
    `${service}/http/e.ts`,
    "import { env } from 'node:process';\nenv.A;",
    '@typescript-eslint/no-restricted-imports',
  ],
  [`${service}/http/f.ts`, 'export const a = process.env.A;', 'no-restricted-properties'],
  [
    `${service}/http/g.ts`,
    "import '../../../connector-config/src/index.ts';",
    '@nx/enforce-module-boundaries',
  ],
  [`${service}/http/h.ts`, 'void 0;\nPromise.resolve(1);', '@typescript-eslint/no-floating-promises'],
  [`${service}/http/i.ts`, '// a line\n'.repeat(401), 'max-lines'],
  [`${service}/domain/a.ts`, "import '@nestjs/common';", '@typescript-eslint/no-restricted-imports'],
  [`${service}/domain/b.ts`, "import '../persistence/a.ts';", '@typescript-eslint/no-restricted-imports'],
  [
    `${service}/domain/c.ts`,
    "import type { Pool } from 'pg';\nexport type A = Pool;",
    '@typescript-eslint/no-restricted-imports',
  ],
  [`${service}/domain/d.ts`, "import 'node:fs';", '@typescript-eslint/no-restricted-imports'],
  [`${service}/domain/deep/a.ts`, "import '../../http/a.ts';", '@typescript-eslint/no-restricted-imports'],
  [`${service}/sync/a.ts`, "import '@nestjs/common';", '@typescript-eslint/no-restricted-imports'],
  [`${service}/sync/b.ts`, "import '@mikro-orm/core';", '@typescript-eslint/no-restricted-imports'],
  [`${service}/sync/c.ts`, "import './a.store.ts';", '@typescript-eslint/no-restricted-imports'],
  [`${service}/sync/d.ts`, "import 'node:fs';", '@typescript-eslint/no-restricted-imports'],
  [`${service}/sync/a.controller.ts`, "import 'pg';", '@typescript-eslint/no-restricted-imports'],
  [`${service}/sync/a.store.ts`, "import '@nats-io/jetstream';", '@typescript-eslint/no-restricted-imports'],
  [
    `${service}/http/a.int.spec.ts`,
    "import '@nats-io/jetstream';",
    '@typescript-eslint/no-restricted-imports',
  ],
  ['libs/sync-engine/src/a.ts', "import '@nats-io/jetstream';", '@typescript-eslint/no-restricted-imports'],
  ['libs/cmp-connections/src/a.ts', "import '@nats-io/kv';", '@typescript-eslint/no-restricted-imports'],
  ['libs/contracts/src/a.ts', "import '@nestjs/common';", '@nx/enforce-module-boundaries'],
  ['libs/messaging/src/a.ts', "import '@isthmus/testing';", '@typescript-eslint/no-restricted-imports'],
];

const allowed: [string, string][] = [
  [`${service}/config.ts`, 'export const a = process.env.A;'],
  [
    `${service}/http/a.int.spec.ts`,
    "import '@isthmus/testing';\nimport '@isthmus/cmp-simulator';\nimport 'pg';",
  ],
  [`${service}/http/b.ts`, "import type { Pool } from 'pg';\nexport type A = Pool;"],
  [`${service}/persistence/a.ts`, "import 'pg';"],
  [`${service}/domain/a.ts`, "import '@mikro-orm/core';\nimport './deep/a.ts';"],
  [`${service}/domain/deep/a.ts`, "import '../b.ts';"],
  [`${service}/domain/b.ts`, 'export {};'],
  [`${service}/sync/e.ts`, "import type { A } from './b.store.ts';\nexport type B = A;"],
  [`${service}/sync/b.store.ts`, "import 'pg';\nexport type A = 1;"],
  [`${service}/sync/b.controller.ts`, "import '@nestjs/common';\nimport './b.store.ts';"],
  ['libs/messaging/src/a.ts', "import '@nats-io/jetstream';\nimport 'pg';"],
  ['libs/cmp-connections/src/budget-store.ts', "import '@nats-io/kv';"],
  ['libs/messaging/src/a.int.spec.ts', "import '@isthmus/testing';\nimport '@nats-io/jetstream';"],
];

/** Of services, only those that export something. */
const mayImport = (from: Project, to: Project) =>
  (table[from.tag]?.includes(to.tag) ?? false) && (to.tag !== 'service' || to.door !== null);
const others = (from: Project) => all.filter((to) => to.name !== from.name);
/** `testing` and `simulator` are for specs: that they are refused elsewhere is not the table's doing. */
const onlyForSpecs = (to: Project) => to.tag === 'testing' || to.tag === 'simulator';
const imports = (targets: Project[]) => targets.map((to) => `import '${specifier(to)}';\n`).join('');
/** A project without a door cannot be named; a path is the only way in. */
const specifier = ({ folder, door }: Project) => door ?? `../../../${folder}/src/index.ts`;

it('knows the tag of every project', () => {
  expect(all.filter(({ tag }) => !(tag in table))).toEqual([]);
});

it('lets every import of the table pass', () => {
  const complaints = lintOf((scratch) => {
    for (const from of all) {
      scratch.write(`${from.folder}/src/legal.ts`, imports(others(from).filter((to) => mayImport(from, to))));
    }
    for (const [file, text] of allowed) scratch.write(file, `${text}\n`);
  });

  expect(complaints).toEqual([]);
});

describe('what is not allowed', () => {
  const forbidden = all.flatMap((from) =>
    others(from)
      .filter((to) => !mayImport(from, to) && !onlyForSpecs(to))
      .map((to, index) => ({ from, to, file: `${from.folder}/src/illegal.ts`, line: index + 1 })),
  );
  let complaints: Complaint[];
  beforeAll(() => {
    complaints = lintOf((scratch) => {
      for (const from of all) {
        const targets = forbidden.filter((edge) => edge.from === from).map(({ to }) => to);
        scratch.write(`${from.folder}/src/illegal.ts`, imports(targets));
      }
      for (const [file, text] of refused) scratch.write(file, `${text}\n`);
    });
  });

  it('is refused between projects, in every pair that the table does not name', () => {
    const passed = forbidden.filter(
      ({ file, line }) =>
        !complaints.some(
          (c) => c.file === file && c.line === line && c.rule === '@nx/enforce-module-boundaries',
        ),
    );
    expect(passed.map(({ from, to }) => `${from.name} -> ${to.name}`)).toEqual([]);
    expect(forbidden.length).toBeGreaterThan(30);
  });

  it.each(refused.map(([file, text, rule]) => ({ file, first: text.split('\n')[0], rule })))(
    'is refused in $file: $first',
    ({ file, rule }) => {
      expect(complaints).toContainEqual(expect.objectContaining({ file, rule }));
    },
  );
});

function lintOf(fill: (scratch: ScratchWorkspace) => void): Complaint[] {
  const scratch = new ScratchWorkspace();
  try {
    fill(scratch);
    return scratch.lint();
  } finally {
    scratch.remove();
  }
}
