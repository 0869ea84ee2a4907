import { TestEnvironment } from 'jest-environment-node';
import { endTied } from '../servers/index.mjs';

/** Whatever ends a spec (a failed hook, a time limit, a start still in progress), everything that it started ends with it. */
export default class SpecEnvironment extends TestEnvironment {
  async teardown() {
    await endTied(this.global);
    await super.teardown();
  }
}
