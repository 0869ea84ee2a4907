import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';

/** Only ends what hangs: no expectation is about how fast a machine is. */
const timeLimitMs = 180_000;

/** Repeats `probe` until it neither throws nor returns undefined or false, and returns its value. Fails with the last error when that never happens. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { withinMs = timeLimitMs, everyMs = 25 } = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + withinMs;
  let last: unknown = new Error('it never became true');
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${withinMs / 1000} s`, { cause: last });
    await sleep(everyMs);
  }
}

export interface RecordedEvent<T = Record<string, unknown>> {
  subject: string;
  /** The CloudEvents type. */
  type: string;
  tenantId: string;
  /** Id of what the event is about. */
  aggregateId: string;
  traceparent: string;
  data: T;
}

export interface EventProbe {
  events: RecordedEvent[];
  of<T = Record<string, unknown>>(type: string): RecordedEvent<T>[];
  close(): Promise<void>;
}

/** Records every event published from now on, as any outside program could. */
export async function eventProbe(natsUrl: string): Promise<EventProbe> {
  const nats = await connect({ servers: natsUrl });
  const events: RecordedEvent[] = [];
  for (const producer of ['connector-config', 'account-sync', 'product-catalog', 'subscription-lifecycle']) {
    nats.subscribe(`${producer}.>`, {
      callback: (error, message) => {
        if (error) throw error;
        const header = (name: string) => message.headers?.get(name) ?? '';
        events.push({
          subject: message.subject,
          type: header('ce-type'),
          tenantId: header('ce-tenantid'),
          aggregateId: header('ce-subject'),
          traceparent: header('traceparent'),
          data: message.json(),
        });
      },
    });
  }
  await nats.flush();
  return {
    events,
    of: <T>(type: string) => events.filter((event) => event.type === type) as RecordedEvent<T>[],
    close: () => nats.close(),
  };
}
