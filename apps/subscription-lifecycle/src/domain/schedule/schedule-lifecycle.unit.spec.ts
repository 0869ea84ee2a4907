import { IllegalScheduleAction } from './scheduled-change.errors.ts';
import { requireAction } from './scheduled-change.ts';
import {
  scheduledActions,
  scheduledAfter,
  scheduledStatuses,
  scheduleLifecycle,
  type ScheduledStatus,
} from './schedule-lifecycle.ts';

describe('the life of a scheduled change', () => {
  it.each(scheduledStatuses.flatMap((status) => scheduledActions.map((action) => [status, action] as const)))(
    'from %s, "%s" does what the table says and is refused loudly otherwise',
    (status, action) => {
      const next = (scheduleLifecycle[status] as Record<string, ScheduledStatus>)[action];
      expect(scheduledAfter(status, action)).toBe(next);
      if (next) expect(requireAction({ id: 'x', status }, action)).toBe(next);
      else expect(() => requireAction({ id: 'x', status }, action)).toThrow(IllegalScheduleAction);
    },
  );

  it('reaches every status from where it begins, and can end from each', () => {
    const reachedFrom = (start: ScheduledStatus) => {
      const reached = new Set<ScheduledStatus>([start]);
      for (const status of reached)
        for (const next of Object.values(scheduleLifecycle[status])) reached.add(next);
      return reached;
    };
    expect([...reachedFrom('proposed')].toSorted()).toEqual([...scheduledStatuses].toSorted());
    for (const status of scheduledStatuses) expect(reachedFrom(status).has('done')).toBe(true);
  });

  it('is ordered from planned alone, and edited only before it is ordered', () => {
    const allowing = (action: string) =>
      scheduledStatuses.filter((status) => action in scheduleLifecycle[status]);
    expect(allowing('order')).toEqual(['planned']);
    expect(allowing('edit')).toEqual(['proposed', 'planned']);
  });
});
