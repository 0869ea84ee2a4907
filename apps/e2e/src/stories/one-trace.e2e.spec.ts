import { eventProbe, eventually } from '@isthmus/testing';
import { connectorFields, createConnector, sync } from '../platform/acts.ts';
import { traceSink } from '../platform/receivers.ts';
import { startPlatform } from '../platform/start-platform.ts';

it('runs one trace from the HTTP call through outbox, bus and worker to the call to CMP and the event it caused', async () => {
  const sink = await traceSink();
  const platform = await startPlatform({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_SAMPLE_RATIO: '1', OTEL_BSP_SCHEDULE_DELAY: '200' },
  });
  const probe = await eventProbe(platform.nats.url);
  try {
    const user = await platform.as();
    const { id: connectorId } = await createConnector(user, connectorFields(platform));
    await sync(user.accounts, { connectorId, scope: 'accounts' });

    // The first tries may come before account-sync has heard of the connector: the trace meant is the one that led to work.
    const called = await eventually(() =>
      sink.spans.find(
        ({ name, traceId }) =>
          name === 'POST /v1/sync-runs' &&
          sink.spans.some((other) => other.traceId === traceId && other.name.startsWith('work ')),
      ),
    );
    const inTrace = () => sink.spans.filter(({ traceId }) => traceId === called.traceId);
    const has = (pattern: RegExp) => eventually(() => inTrace().some(({ name }) => pattern.test(name)));
    await has(/^work sync-run/);
    await has(/^sync accounts/);
    await has(/^connector-config\/open-connector$/);
    await eventually(() => inTrace().filter(({ name }) => /^(GET|POST)$/.test(name)).length >= 2);
    await eventually(() => inTrace().some(({ service }) => service.startsWith('connector-config')));

    const event = await eventually(() => probe.of('account-sync.provider-account-appeared.v1')[0]);
    expect(event.traceparent.split('-')[1]).toBe(called.traceId);
    const ids = new Set(inTrace().map(({ spanId }) => spanId));
    const orphans = inTrace().filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId));
    expect(orphans.map(({ name }) => name)).toEqual([]);
  } finally {
    await probe?.close();
    await platform.stop();
    await sink.close();
  }
});
