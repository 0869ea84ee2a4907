import type { Order, Operation, Row } from '@isthmus/sdk';

export type OrderCall = Row<Operation<'get', '/v1/orders/{id}/calls'>>;
type History = NonNullable<Order['history']>[number];

/** A line of an order's life: a status that it reached, a wait between two, or a call to CMP. */
export type OrderMoment =
  | { kind: 'status'; at: string; entry: History; isLast: boolean }
  | { kind: 'wait'; at: string; until: string | undefined; status: Order['status'] }
  | { kind: 'call'; at: string; call: OrderCall; isFailed: boolean };

/** Shorter ones are only the work itself. */
const waitFromMs = 10_000;

export const isFailed = ({ result }: OrderCall): boolean => result !== 'ok';

/**
 * What happened to an order, oldest first: statuses, the calls that led to them, and every pause of more than ten seconds as a
 * wait of its own, so that a patient order does not look stuck. An order that goes on waits until now.
 */
export function momentsOf(
  history: readonly History[],
  calls: readonly OrderCall[],
  { goesOn, onlyFailed = false }: { goesOn: boolean; onlyFailed?: boolean },
): OrderMoment[] {
  const shownCalls = onlyFailed ? calls.filter(isFailed) : calls;
  const statuses = [...history].sort(byTime).map((entry, index, all): OrderMoment => ({
    ...{ kind: 'status', at: entry.at, entry },
    isLast: index === all.length - 1,
  }));
  const happened = [
    ...statuses,
    ...shownCalls.map((call): OrderMoment => ({ kind: 'call', at: call.at, call, isFailed: isFailed(call) })),
  ].sort(byTime);
  return onlyFailed ? happened : withWaits(happened, goesOn);
}

function withWaits(happened: readonly OrderMoment[], goesOn: boolean): OrderMoment[] {
  const all: OrderMoment[] = [];
  let status: Order['status'] | undefined;
  happened.forEach((moment, index) => {
    all.push(moment);
    if (moment.kind === 'status') status = moment.entry.status;
    const next = happened[index + 1];
    const since = endOf(moment);
    if (!status) return;
    if (next && Date.parse(next.at) - Date.parse(since) >= waitFromMs)
      all.push({ kind: 'wait', at: since, until: next.at, status });
    if (!next && goesOn) all.push({ kind: 'wait', at: since, until: undefined, status });
  });
  return all;
}

/** A call took a while; what follows it began when it had ended. */
const endOf = (moment: OrderMoment): string =>
  moment.kind === 'call' ? new Date(Date.parse(moment.at) + moment.call.tookMs).toISOString() : moment.at;

const byTime = (a: { at: string }, b: { at: string }): number => Date.parse(a.at) - Date.parse(b.at);
