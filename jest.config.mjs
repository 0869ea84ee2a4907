/**
 * The suffix is the suite: `x.unit.spec.ts` touches nothing, `x.int.spec.ts` real servers, `x.e2e.spec.ts` the whole system.
 * Node's own loader loads them, see spec-runtime.mjs; Jest transforms nothing.
 */
const suite = (name, more = {}) => ({
  displayName: name,
  runtime: '<rootDir>/libs/testing/src/spec-runtime.mjs',
  testEnvironment: '<rootDir>/libs/testing/src/spec-environment.mjs',
  transform: {},
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  testMatch: [`<rootDir>/{apps,libs,tools,examples}/**/*.${name}.spec.ts`],
  modulePathIgnorePatterns: ['/dist/', '/.local/'],
  setupFiles: ['reflect-metadata'],
  ...more,
});

const realServers = {
  globalSetup: '<rootDir>/libs/testing/src/global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/src/global-teardown.mjs',
};

export default {
  maxWorkers: 2,
  // Only ends what hangs: a slow machine must not fail what is right.
  testTimeout: 600_000,
  projects: [suite('unit'), suite('int', realServers), suite('e2e', realServers)],
};
