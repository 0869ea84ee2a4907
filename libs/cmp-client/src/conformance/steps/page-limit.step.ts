import type { ConformanceStep } from '../conformance-step.ts';
import { failureOf } from '../conformance-target.ts';

export const pageLimit: ConformanceStep = {
  name: 'page limit',
  kind: 'reads',
  async run(target) {
    const assumed = target.assumptions.maxPageSize;
    const full = await target.list('/subscriptions', { limit: assumed });
    const asked = assumed * 2;
    const failure = await failureOf(target.raw('/subscriptions', { limit: asked }));
    const more = failure ? undefined : (await target.list('/subscriptions', { limit: asked })).data.length;
    const observed = failure
      ? `${full.data.length} rows at ${assumed}; ${asked} is refused (${failure.httpStatus})`
      : `${full.data.length} rows at ${assumed}, ${more} at ${asked}`;
    const enough = full.total > assumed;
    const holds = enough
      ? full.data.length === assumed && (failure !== undefined || more === assumed)
      : undefined;
    return [{ subject: 'maxPageSize', assumed: String(assumed), observed, holds }];
  },
};
