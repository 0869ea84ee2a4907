import type { ConformanceStep } from '../conformance-step.ts';

export const listOrder: ConformanceStep = {
  name: 'list order',
  kind: 'reads',
  async run(target) {
    const assumed = String(target.assumptions.listsAreNewestFirst);
    const limit = target.assumptions.maxPageSize;
    const first = await target.list('/orders', { limit });
    const second =
      first.total > limit ? await target.list('/orders', { limit, offset: limit }) : { data: [] };
    const dates = [...first.data, ...second.data].map(({ creationDate }) => String(creationDate));
    const wrong = dates.filter((date, i) => i > 0 && date > dates[i - 1]!).length;
    const holds = dates.length < 2 ? undefined : (wrong === 0) === target.assumptions.listsAreNewestFirst;
    return [
      {
        subject: 'listsAreNewestFirst',
        assumed,
        observed: `${wrong} of ${dates.length} orders out of place`,
        holds,
      },
    ];
  },
};
