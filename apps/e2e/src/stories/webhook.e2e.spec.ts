import { eventProbe, eventually } from '@isthmus/testing';
import { Webhook } from 'standardwebhooks';
import { connectorFields, createConnector, sync } from '../platform/acts.ts';
import { exampleReceiver, traceSink, webhookReceiver } from '../platform/receivers.ts';
import { startPlatform } from '../platform/start-platform.ts';

const changed = 'account-sync.provider-subscription-changed.v1';

it('brings a change made at CMP to a webhook receiver, signed, and to a NATS listener, in one trace', async () => {
  const sink = await traceSink();
  const platform = await startPlatform({
    webhooks: true,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_SAMPLE_RATIO: '1', OTEL_BSP_SCHEDULE_DELAY: '200' },
  });
  const probe = await eventProbe(platform.nats.url);
  const receiver = await webhookReceiver();
  const user = await platform.as();
  const example = await exampleReceiver(user.webhooks.baseUrl, user.webhooks.token);
  try {
    const { body: endpoint } = await user.webhooks.post('/v1/webhook-endpoints', {
      url: receiver.url,
      eventTypes: [changed],
    });
    const { id: connectorId } = await createConnector(user, connectorFields(platform));
    await sync(user.accounts, { connectorId, scope: 'accounts' });
    await sync(user.accounts, { connectorId, scope: 'subscriptions', depth: 'full' });
    const [one] = await eventually(() => {
      const appeared = probe.of<{ cmpSubscriptionId: string }>(
        'account-sync.provider-subscription-appeared.v1',
      );
      return appeared.length > 0 && appeared;
    });

    await platform.simulator.control.patchSubscription(one!.data.cmpSubscriptionId, {
      name: 'Renamed at CMP',
      viaOrder: false,
    });
    await sync(user.accounts, { connectorId, scope: 'subscriptions', depth: 'full' });

    const heard = await eventually(() =>
      probe.of<{ name: string }>(changed).find(({ data }) => data.name === 'Renamed at CMP'),
    );
    const { headers, body } = await eventually(() =>
      receiver.received.find((one) => one.body.includes('Renamed at CMP')),
    );
    const event = new Webhook(endpoint.secret).verify(body, headers as Record<string, string>) as object;
    expect(event).toMatchObject({
      type: changed,
      subject: heard.aggregateId,
      data: { name: 'Renamed at CMP' },
    });
    await eventually(() => example.said.includes('"Renamed at CMP"'));
    expect(example.said).not.toContain('Refused');

    const traceId = heard.traceparent.split('-')[1]!;
    expect(headers.traceparent).toContain(traceId);
    const inTrace = () => sink.spans.filter((span) => span.traceId === traceId);
    const posted = await eventually(() =>
      inTrace().find(({ spanId }) => headers.traceparent === `00-${traceId}-${spanId}-01`),
    );
    expect(posted).toMatchObject({ name: 'POST', service: 'webhooks' });
    await eventually(() => inTrace().some(({ name }) => name === 'POST /v1/sync-runs'));
    await eventually(() => {
      const ids = new Set(inTrace().map(({ spanId }) => spanId));
      return inTrace().every(({ parentSpanId }) => !parentSpanId || ids.has(parentSpanId));
    });
  } finally {
    await example.stop();
    await receiver.close();
    await probe.close();
    await platform.stop();
    await sink.close();
  }
});

it('loses nothing when one process after the other is killed with -9 while it delivers', async () => {
  const platform = await startPlatform({
    webhooks: true,
    // What hangs is given up before long, so that the other process goes on.
    env: { WEBHOOK_LEASE_MS: '1000', WEBHOOK_POLL_MS: '100', WEBHOOK_TIMEOUT_MS: '2000' },
  });
  const receiver = await webhookReceiver();
  try {
    const other = await platform.anotherWebhooks();
    const user = await platform.as();
    const { body: endpoint } = await user.webhooks.post('/v1/webhook-endpoints', {
      url: receiver.url,
      eventTypes: ['account-sync.provider-account-appeared.v1'],
    });
    const { id: connectorId } = await createConnector(user, connectorFields(platform));
    await sync(user.accounts, { connectorId, scope: 'accounts' });
    const ids = () => new Set(receiver.received.map(({ headers }) => headers['webhook-id']));

    receiver.hold = () => ids().size >= 20;
    await eventually(() => ids().size >= 20);
    await platform.webhooks!.signal('SIGKILL');
    // From here on the other one has the endpoint, in any case; it is held up in the middle as well.
    receiver.hold = () => ids().size >= 50;
    await eventually(() => ids().size >= 50);
    await other.signal('SIGKILL');
    expect(ids().size).toBeLessThan(120);
    receiver.hold = () => false;
    await platform.webhooks!.start();
    await eventually(() => ids().size === 120);
    const state = await eventually(async () => {
      const { body } = await user.webhooks.get(`/v1/webhook-endpoints/${endpoint.id}`);
      return body.pending === 0 && body;
    });
    expect(state).toMatchObject({ undelivered: 0, failingSince: null });
    // Only what was under way is sent again, not everything.
    expect(receiver.received.length).toBeLessThan(2 * 120);
  } finally {
    await receiver.close();
    await platform.stop();
  }
});
