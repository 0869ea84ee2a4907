import type { ConformanceStep } from '../conformance-step.ts';
import { failureOf } from '../conformance-target.ts';

export const statusFilter: ConformanceStep = {
  name: 'status filter',
  kind: 'reads',
  async run(target) {
    const assumed = target.assumptions.statusFilterTakesOneValue;
    const failure = await failureOf(target.raw('/subscriptions', { status: 'active,pending', limit: 1 }));
    const { data } = await target.list('/subscriptions', { status: 'active', limit: 50 });
    const others = data.filter(({ status }) => status !== 'active').length;
    return [
      {
        subject: 'statusFilterTakesOneValue',
        assumed: String(assumed),
        observed: failure ? `a list is refused (${failure.httpStatus})` : 'a list is accepted',
        holds: assumed === (failure !== undefined),
      },
      {
        subject: 'status=active',
        assumed: 'only active rows',
        observed: `${others} others of ${data.length}`,
        holds: others === 0,
      },
    ];
  },
};
