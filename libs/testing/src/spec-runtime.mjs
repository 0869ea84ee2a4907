import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import JestRuntime from 'jest-runtime';
import { sourceMaps } from '../load-sources/index.mjs';

const require = createRequire(import.meta.url);
let specs = 0;

/**
 * Runs specs in the process itself, with modules that are loaded once per process. Jest's own runtime loads all of them
 * anew for every spec, in a context of its own, which took two thirds of the time of all specs.
 */
export default class SpecRuntime extends JestRuntime {
  unstable_shouldLoadAsEsm() {
    return true;
  }

  /** A set-up file or the spec itself, which is evaluated again when it runs again. */
  unstable_importModule(path) {
    const query = path === this._testPath ? `?spec=${(specs += 1)}` : '';
    return import(`${pathToFileURL(path)}${query}`);
  }

  /** What defines and runs tests, with a state of its own for each spec. */
  requireInternalModule(path) {
    delete globalThis[Symbol.for('EVENT_HANDLERS')];
    for (const loaded of Object.keys(require.cache))
      if (/\/node_modules\/jest-circus\//.test(loaded)) delete require.cache[loaded];
    return require(path);
  }

  getSourceMaps() {
    return sourceMaps;
  }
}
