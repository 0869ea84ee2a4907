import { shownPath } from '@isthmus/domain';
import { context, createNoopMeter, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { observeProcess } from './process-metrics.ts';
import { currentProgram, type Program } from './program.ts';

interface TelemetryOptions {
  service: string;
  /** Base address of an OTLP/HTTP collector; no spans are exported without it. */
  endpoint?: string;
  sampleRatio: number;
}

export interface Telemetry extends Omit<Program, 'log'> {
  /** Read by GET /metrics. */
  metrics: PrometheusExporter;
  /** Sends the remaining spans. */
  stop(): Promise<void>;
}

let started: Promise<{ stop(): Promise<void> }> | undefined;
/** For what belongs to no program, as in a spec. */
let firstMeters: MeterProvider | undefined;

/**
 * Sets OpenTelemetry up from these options alone: no resource detection, no OTEL_ variables. Where and how many traces are sent is
 * decided once per process, by the first program in it.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const resource = resourceFromAttributes({
    'service.name': options.service,
    'service.namespace': 'isthmus',
  });
  started ??= startProcess(options, resource);
  const { stop } = await started;
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutTargetInfo: true,
    withoutScopeInfo: true,
  });
  const meters = new MeterProvider({ resource, readers: [exporter] });
  firstMeters ??= meters;
  observeProcess(meters.getMeter('isthmus'));
  return { resource, meters, metrics: exporter, stop };
}

async function startProcess(
  { endpoint, sampleRatio }: TelemetryOptions,
  resource: Resource,
): Promise<{ stop(): Promise<void> }> {
  const textMapPropagator = new W3CTraceContextPropagator();
  const exporting = endpoint ? [await exportingProcessor(endpoint)] : [];
  if (endpoint) {
    // Loaded lazily: it pulls in every exporter, a tenth of all modules of a service.
    const { NodeSDK } = await import('@opentelemetry/sdk-node');
    new NodeSDK({
      autoDetectResources: false,
      resource,
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
      spanProcessors: [ofItsProgram, ...exporting],
      metricReaders: [],
      logRecordProcessors: [],
      textMapPropagator,
    }).start();
  } else {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(textMapPropagator);
  }
  metrics.setGlobalMeterProvider({
    getMeter: (...which) => (currentProgram()?.meters ?? firstMeters ?? noMeters).getMeter(...which),
  });
  traceOutgoingRequests();
  return {
    stop: async () => {
      await Promise.all(exporting.map((processor) => processor.forceFlush()));
    },
  };
}

const noMeters = { getMeter: createNoopMeter };

/** A process has one tracer for all programs in it; a span is told to be of the one that started it. */
const ofItsProgram: SpanProcessor = {
  onStart: (span) => void Object.assign(span, { resource: currentProgram()?.resource ?? span.resource }),
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

async function exportingProcessor(endpoint: string): Promise<BatchSpanProcessor> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  return new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` }),
  });
}

/**
 * Client spans for undici requests, and the trace context in their headers. The query string is left out, because it may contain
 * personal data, and so are parts of the path that may be secrets, as in addresses of webhooks. Requests outside of a trace are
 * not affected, and no durations are recorded: they would be labelled with the host names of receivers.
 */
function traceOutgoingRequests(): void {
  new UndiciInstrumentation({
    ignoreRequestHook: () => !trace.getActiveSpan(),
    startSpanHook: ({ origin, path }) => ({
      'url.full': new URL(shownPath(path), origin).href,
      'url.path': shownPath(path),
      'url.query': undefined,
    }),
  }).setMeterProvider(noMeters);
}
