import { existsSync } from 'node:fs';
import { join } from 'node:path';
import nx from '@nx/eslint-plugin';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/**
 * Lint by `npm run lint`, or `nx lint` of one project: without Nx's project graph the boundary rule skips itself and
 * reports success.
 * `tools/boundaries` walks into every fence below and expects to be stopped.
 */
const may = (from, ...to) => ({
  sourceTag: `type:${from}`,
  onlyDependOnLibsWithTags: to.map((tag) => `type:${tag}`),
});

const boundaries = [
  may('domain'),
  { ...may('contracts', 'domain'), bannedExternalImports: ['@nestjs/*', '@mikro-orm/*', '@nats-io/*'] },
  may('client', 'domain'),
  may('messaging', 'domain', 'contracts', 'testing'),
  may('kit', 'domain', 'contracts', 'messaging', 'testing'),
  may('connections', 'domain', 'contracts', 'client', 'messaging', 'kit', 'testing'),
  may('sync', 'domain', 'contracts', 'client', 'messaging', 'kit', 'connections', 'testing'),
  may('testing', 'domain', 'contracts', 'client', 'messaging', 'kit'),
  may(
    'service',
    'domain',
    'contracts',
    'client',
    'messaging',
    'kit',
    'connections',
    'sync',
    'testing',
    'simulator',
  ),
  may('simulation', 'domain', 'contracts', 'client', 'messaging', 'kit', 'sync', 'service', 'testing'),
  may('composition', 'kit', 'service'),
  may('web', 'domain', 'sdk'),
  may('sdk'),
  may('simulator', 'domain', 'client', 'kit'),
  may(
    'e2e',
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
    'tool',
  ),
  may(
    'tool',
    'domain',
    'contracts',
    'client',
    'messaging',
    'kit',
    'connections',
    'sync',
    'sdk',
    'testing',
    'tool',
  ),
  may('example'),
];

const onlyInSpecs = {
  regex: '^@isthmus/(testing|cmp-simulator)(/|$)',
  message: 'Only specs may use it; a service that runs must not carry its tests.',
};
const nats = { regex: '^@nats-io/', message: 'Only libs/messaging speaks to NATS; use what it offers.' };
const postgres = {
  regex: '^pg($|-)',
  message: 'Queries live in persistence/, or in the mirrors, phases and jobs of account-sync.',
  allowTypeImports: true,
};
const environment = { regex: '^(node:)?process$', message: 'The environment is read in config.ts alone.' };
const pureDomain = [
  { regex: '^(@nestjs/|@nats-io/|pg($|-))', message: 'domain/ knows no framework, no bus and no driver.' },
  { regex: '^node:(fs|net|http|https|dns|child_process)', message: 'domain/ does no I/O.' },
];
const ownFolder = (up) => ({ regex: `^${up}`, message: 'domain/ imports nothing of its sibling folders.' });

/** What a suffix of a file name says: it touches a framework, a driver or the bus. A file without one is pure. */
const edges =
  'config controller dto entity events filter handler interceptor job mirror module options phase responder service store worker'.split(
    ' ',
  );
const edgeFile = (names = edges) => `apps/*/src/**/*.{${names.join(',')}}.ts`;
/** Folders by layer, which are being replaced by folders by feature. */
const layers =
  'commands csv delivering domain http jobs messaging mirrors ordering persistence phases reports simulation verification'.split(
    ' ',
  );
const pureFile = [
  {
    regex: '^(@nestjs/|@mikro-orm/|@nats-io/|pg($|-))',
    message: 'A file without a suffix knows no framework, no bus and no driver.',
  },
  { regex: '^node:(fs|net|http|https|dns|child_process)', message: 'A file without a suffix does no I/O.' },
  {
    regex: `\\.(${edges.filter((edge) => edge !== 'entity').join('|')})\\.ts$`,
    message: 'What is pure does not call what is not.',
    allowTypeImports: true,
  },
];

/** `no-restricted-imports` does not add up: the last block that matches a file is the only one, so each is complete. */
const refuse = (...patterns) => ({ '@typescript-eslint/no-restricted-imports': ['error', { patterns }] });

/** Words that people read come from a `texts.ts`, in every language. */
const inTexts = 'Put it into the texts of the page, in every language, and write t(…).';
const spoken =
  /^(label|title|lead|detail|hint|deed|submit|placeholder|alt|content|aria-label|header|description|term|word)$/;
const untranslated = [
  { selector: 'JSXText[value=/[^\\s]/]', message: inTexts },
  { selector: 'JSXExpressionContainer > Literal[value=/[A-Za-z]/]:not(JSXAttribute *)', message: inTexts },
  { selector: `JSXAttribute[name.name=${spoken}] > Literal[value=/[A-Za-z]/]`, message: inTexts },
  {
    selector: `JSXAttribute[name.name=${spoken}] > JSXExpressionContainer > :matches(Literal, TemplateLiteral > TemplateElement)[value=/[A-Za-z]/]`,
    message: inTexts,
  },
];

/** Everything at once is one program: as many as there are projects would each read all libraries, in three times the time. */
const oneProject = join(process.cwd(), 'tsconfig.spec.json');
const project = existsSync(oneProject) ? oneProject : join(import.meta.dirname, 'tsconfig.json');
const typed = { project, tsconfigRootDir: import.meta.dirname };

export default [
  {
    ignores: [
      '**/dist/**',
      '**/dist-test/**',
      '**/node_modules/**',
      '**/generated/**',
      '**/.local/**',
      '**/.nx/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx,mjs}'],
    plugins: { '@nx': nx, '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, sourceType: 'module' },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          // Tools run before packages are linked: they find each other, and the servers, by path.
          allow: [
            '../../libs/testing/servers/**',
            '../start/**',
            '../../start/**',
            '../cluster/**',
            '../../cluster/**',
            '../../docker/lane/**',
            '../../structure/**',
          ],
          depConstraints: boundaries,
          // Specs of these libs use libs/testing, which may use them: a circle in the graph, in no program that runs.
          ignoredCircularDependencies: ['messaging', 'service-kit', 'sync-engine', 'cmp-client'].map(
            (lib) => ['@isthmus/testing', `@isthmus/${lib}`],
          ),
        },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      'max-lines': ['error', { max: 400 }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: environment.message },
      ],
      'no-constant-condition': ['error', { checkLoops: 'allExceptWhileTrue' }],
      'no-debugger': 'error',
      'no-empty': 'error',
      'no-eval': 'error',
      'no-unsafe-finally': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    ignores: ['**/*.d.ts'],
    languageOptions: { parserOptions: typed },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/no-implied-eval': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },

  {
    // Pages in a browser: a program of their own, with the DOM and without Node.
    files: ['apps/console/**/*.{ts,tsx}'],
    languageOptions: {
      parserOptions: { ...typed, project: join(import.meta.dirname, 'apps/console/tsconfig.spec.json') },
    },
  },
  {
    files: ['apps/console/src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'no-restricted-syntax': ['error', ...untranslated],
    },
  },

  { files: ['{apps,libs}/**/*.{ts,tsx}'], rules: refuse(onlyInSpecs, nats, postgres, environment) },
  {
    files: [
      'libs/{service-kit,sync-engine}/**/*.ts',
      'apps/*/src/persistence/**/*.ts',
      'apps/account-sync/src/{mirrors,phases,jobs}/**/*.ts',
    ],
    rules: refuse(onlyInSpecs, nats, environment),
  },
  {
    files: ['apps/*/src/domain/**/*.ts'],
    rules: refuse(onlyInSpecs, environment, ...pureDomain, ownFolder('\\.\\./')),
  },
  {
    files: ['apps/*/src/domain/*/**/*.ts'],
    rules: refuse(onlyInSpecs, environment, ...pureDomain, ownFolder('\\.\\./\\.\\./')),
  },
  {
    files: [
      'apps/{account-sync,connector-config,console-gateway,product-catalog,rest-provider,subscription-lifecycle,webhooks}/src/*/**/*.ts',
    ],
    ignores: [edgeFile(), '**/migrations/**', `apps/*/src/{${layers.join(',')}}/**`, '**/*.d.ts'],
    rules: refuse(onlyInSpecs, environment, ...pureFile),
  },
  {
    files: [edgeFile(['store', 'worker', 'job', 'phase', 'mirror']), 'apps/*/src/migrations/**'],
    rules: refuse(onlyInSpecs, nats, environment),
  },
  { files: ['{apps,libs}/**/*.spec.ts', '**/src/testbed/**', '{apps,libs}/*/test/**'], rules: refuse(nats) },
  {
    files: ['libs/messaging/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/test/**'],
    rules: refuse(onlyInSpecs, environment),
  },
  {
    // The bucket that call budgets are shared through.
    files: ['libs/cmp-connections/src/budget-store.ts'],
    rules: refuse(onlyInSpecs, postgres, environment),
  },
  {
    files: ['libs/messaging/**/*.spec.ts', 'libs/messaging/test/**', 'libs/testing/**', 'apps/e2e/**'],
    rules: refuse(),
  },
  {
    files: [
      '**/src/config.ts',
      '**/*.spec.ts',
      '{apps,libs}/*/test/**',
      'apps/console/*.config.ts',
      'libs/testing/**',
      'apps/e2e/**',
      'tools/**',
      'examples/**',
      '*.mjs',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
];
