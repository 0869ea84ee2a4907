import type { ConformanceStep } from '../conformance-step.ts';

/** A parameter that CMP does not know is ignored in silence, so a filter that "works" must be seen to change something. */
export const unknownParameter: ConformanceStep = {
  name: 'unknown parameter',
  kind: 'reads',
  async run(target) {
    const all = await target.list('/subscriptions', { limit: 1 });
    const filtered = await target.list('/subscriptions', { limit: 1, noSuchFilterAnywhere: 'x' });
    const observed = `${all.total} rows without, ${filtered.total} with`;
    return [
      { subject: 'unknown parameters', assumed: 'ignored', observed, holds: all.total === filtered.total },
    ];
  },
};
