import { readFileSync } from 'node:fs';

const swcrc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));

/** The suffix is the suite: `x.unit.spec.ts` touches nothing, `x.int.spec.ts` real servers, `x.e2e.spec.ts` the whole system. */
const suite = (name, more = {}) => ({
  displayName: name,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swcrc, swcrc: false }] },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  testEnvironmentOptions: { customExportConditions: ['@isthmus/source', 'node', 'node-addons'] },
  testMatch: [`<rootDir>/{apps,libs,tools,examples}/**/*.${name}.spec.ts`],
  modulePathIgnorePatterns: ['/dist/', '/.local/'],
  setupFiles: ['reflect-metadata'],
  ...more,
});

const realServers = {
  globalSetup: '<rootDir>/libs/testing/src/global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/src/global-teardown.mjs',
  testEnvironment: '<rootDir>/libs/testing/src/spec-environment.mjs',
};

export default {
  maxWorkers: 2,
  // Only ends what hangs: a slow machine must not fail what is right.
  testTimeout: 600_000,
  projects: [suite('unit'), suite('int', realServers), suite('e2e', realServers)],
};
