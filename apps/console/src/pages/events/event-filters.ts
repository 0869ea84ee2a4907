/** What the address says about which events to show. */
export interface EventSearch {
  type?: string;
  subject?: string;
  correlation?: string;
  from?: string;
  to?: string;
}

interface EventQuery {
  type?: string[];
  subject?: string;
  correlationId?: string;
  since?: string;
  until?: string;
}

const dayMs = 86_400_000;

/** Midnight in the time zone of whoever looks, so that days are those of the times in the list. */
const midnight = (day: string): Date => new Date(`${day}T00:00:00`);

/** The query of the API; `to` is a day that is still shown. */
export function queryOf({ type, subject, correlation, from, to }: EventSearch): EventQuery {
  return {
    ...(type && { type: [type] }),
    ...(subject && { subject }),
    ...(correlation && { correlationId: correlation }),
    ...(from && { since: midnight(from).toISOString() }),
    ...(to && { until: nextMidnight(to).toISOString() }),
  };
}

/** Not 24 hours later: two days of the year have another length. */
function nextMidnight(day: string): Date {
  const next = midnight(day);
  next.setDate(next.getDate() + 1);
  return next;
}

/** Events older than this are deleted, unless the platform's operator has set it otherwise. */
export const keptDays = 30;

/** Whether a filter asks for what is surely gone. */
export const isBeforeKept = (to: string | undefined, now = new Date()): boolean =>
  to !== undefined && nextMidnight(to).getTime() < now.getTime() - keptDays * dayMs;

/** `subscription-changed` of `subscription-lifecycle.subscription-changed.v1`: what people look for in a long list. */
export const shortType = (type: string): string => type.split('.').slice(1, -1).join('.') || type;

/** Whether an endpoint gets events of a type. */
export const subscribes = (eventTypes: readonly string[], type: string): boolean =>
  eventTypes.some((one) => one === '*' || one === type || one === `${type.split('.')[0]}.*`);
