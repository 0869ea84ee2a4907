import { ModuleMocker } from 'jest-mock';
import { beginSpec, endSpec } from '../servers/processes.mjs';

/**
 * The process itself is the environment of a spec. Whatever ends a spec (a failed hook, a time limit, a start still in
 * progress), everything that it started ends with it.
 */
export default class SpecEnvironment {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  #own = { console: globalThis.console, exit: process.exit };

  exportConditions() {
    return ['@isthmus/source', 'node', 'node-addons'];
  }

  getVmContext() {
    return null;
  }

  async setup() {
    beginSpec();
  }

  async teardown() {
    await endSpec();
    globalThis.console = this.#own.console;
    process.exit = this.#own.exit;
  }
}
