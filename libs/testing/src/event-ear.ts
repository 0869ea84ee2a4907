import { connect } from '@nats-io/transport-node';

export interface HeardEvent<T = Record<string, unknown>> {
  subject: string;
  tenantId: string;
  /** Id of what the event is about. */
  aggregateId: string;
  traceparent: string;
  data: T;
}

export interface EventEar {
  heard: HeardEvent[];
  of<T = Record<string, unknown>>(subject: string): HeardEvent<T>[];
  close(): Promise<void>;
}

/** Records every event published from now on, as any outside program could. */
export async function eventEar(natsUrl: string): Promise<EventEar> {
  const nats = await connect({ servers: natsUrl });
  const heard: HeardEvent[] = [];
  for (const producer of ['connector-config', 'account-sync', 'product-catalog', 'subscription-lifecycle']) {
    nats.subscribe(`${producer}.>`, {
      callback: (error, message) => {
        if (error) throw error;
        const header = (name: string) => message.headers?.get(name) ?? '';
        heard.push({
          subject: message.subject,
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
    heard,
    of: <T>(subject: string) => heard.filter((event) => event.subject === subject) as HeardEvent<T>[],
    close: () => nats.close(),
  };
}
