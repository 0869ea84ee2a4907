import type { ConformanceStep } from '../conformance-step.ts';

export const times: ConformanceStep = {
  name: 'times',
  kind: 'reads',
  async run(target) {
    const { data } = await target.list('/orders', { limit: 100 });
    const dates = data.map(({ creationDate }) => String(creationDate));
    const zoned = dates.filter((date) => /(Z|[+-]\d{2}:?\d{2})$/.test(date)).length;
    // With a zone on every time the assumption is never used.
    const holds = dates.length > 0 && zoned === dates.length ? true : undefined;
    const assumed = String(target.assumptions.timesWithoutZoneAreUtc);
    return [
      {
        subject: 'timesWithoutZoneAreUtc',
        assumed,
        observed: `${zoned} of ${dates.length} times have a zone`,
        holds,
      },
    ];
  },
};
