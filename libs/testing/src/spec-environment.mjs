import { ModuleMocker } from 'jest-mock';
import { takeBlocked } from '../servers/loopback-only.mjs';
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

  /**
   * A test has failed when a service answered it what its API document does not say; see api-conformance.ts. And when anything in
   * it tried to leave this machine, whatever became of that.
   */
  async handleTestEvent({ name, test }) {
    if (name !== 'test_done') return;
    for (const what of takeBlocked()) test.errors.push(new Error(left(what)));
    const findings = globalThis[Symbol.for('isthmus.api-conformance')];
    if (!findings) return;
    await Promise.all(findings.pending);
    for (const mismatch of findings.mismatches)
      test.errors.push(new Error(`${mismatch}. Correct the service, or its classes and npm run generate.`));
    findings.mismatches.clear();
  }

  async setup() {
    beginSpec();
  }

  async teardown() {
    await endSpec();
    globalThis[Symbol.for('isthmus.api-conformance')]?.endSpec();
    globalThis.console = this.#own.console;
    process.exit = this.#own.exit;
    const late = takeBlocked();
    if (late.length > 0) throw new Error(left(late.join('; ')));
  }
}

const left = (what) => `A test reaches this machine only; blocked: ${what}.`;
