import { inspect } from 'node:util';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { eventually, startNats, type RunningServer } from '@isthmus/testing';
import { emit } from './outbox/outbox.ts';
import { linkedEvent, RecordLinks, type Program, runProgram, tenantId } from '../test/program.fixture.ts';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
let nats: RunningServer;
let program: Program;

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  nats = await startNats();
  program = await runProgram({ service: 'account-sync', natsUrl: nats.url, handlers: [RecordLinks] });
});
afterAll(async () => {
  await program.close();
  await nats.stop();
  await provider.shutdown();
  trace.disable();
});

const spanNamed = (start: string) =>
  eventually(() => exporter.getFinishedSpans().find(({ name }) => name.startsWith(start)));

it('is one trace from the command through the outbox to the handler of another service', async () => {
  const command = trace.getTracer('test').startActiveSpan('command', (span) => {
    const said = program.transaction(async (em) => emit(em, linkedEvent('traced')));
    span.end();
    return said.then(() => span.spanContext());
  });
  const { traceId, spanId } = await command;
  const published = await spanNamed('publish account-sync.{tenant}.provider-account-linked.v1');
  const processed = await spanNamed('process account-sync.{tenant}.provider-account-linked.v1');
  expect(published).toMatchObject({ kind: SpanKind.PRODUCER, parentSpanContext: { traceId, spanId } });
  expect(processed).toMatchObject({
    kind: SpanKind.CONSUMER,
    parentSpanContext: { spanId: published.spanContext().spanId },
  });
  expect(processed.spanContext().traceId).toBe(traceId);
  expect(processed.attributes).toMatchObject({
    'messaging.system': 'nats',
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.destination.name': `account-sync.${tenantId}.provider-account-linked.v1`,
    'messaging.destination.template': 'account-sync.{tenant}.provider-account-linked.v1',
  });
});

it('is a failed span when the handler fails', async () => {
  exporter.reset();
  RecordLinks.broken = ({ by }) => (by === 'failing' ? new TypeError('broken by a value') : undefined);
  await program.transaction(async (em) => emit(em, linkedEvent('failing')));
  const processed = await spanNamed('process ');
  RecordLinks.broken = () => undefined;
  expect(processed).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'TypeError' },
  });
  // A message may hold whatever was handled.
  expect(inspect([processed.attributes, processed.events, processed.status])).not.toContain('value');
});
