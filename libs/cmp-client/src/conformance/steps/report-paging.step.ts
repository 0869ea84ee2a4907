import type { ConformanceStep } from '../conformance-step.ts';

export const reportPaging: ConformanceStep = {
  name: 'report paging',
  kind: 'reads',
  async run(target) {
    const assumed = target.assumptions.reportsIgnorePaging;
    const row = { subject: 'reportsIgnorePaging', assumed: String(assumed) };
    const { data, total } = await target.list('/reports', { limit: 1 });
    if (total < 2) return [{ ...row, observed: `${total} reports, too few to tell`, holds: undefined }];
    const ignored = data.length === total;
    return [
      { ...row, observed: `${data.length} of ${total} reports at limit 1`, holds: ignored === assumed },
    ];
  },
};
