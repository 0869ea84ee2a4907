import { shownPath } from '@isthmus/domain';
import { context, createNoopMeter, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';

interface TelemetryOptions {
  service: string;
  /** Base address of an OTLP/HTTP collector; no spans are exported without it. */
  endpoint?: string;
  sampleRatio: number;
}

export interface Telemetry {
  /** Read by GET /metrics. */
  metrics: PrometheusExporter;
  /** Sends the remaining spans. */
  stop(): Promise<void>;
}

let started: Telemetry | undefined;

/** Sets OpenTelemetry up, once per process, from these options alone: no resource detection, no OTEL_ variables. */
export async function startTelemetry({
  service,
  endpoint,
  sampleRatio,
}: TelemetryOptions): Promise<Telemetry> {
  if (started) return started;
  const prometheus = new PrometheusExporter({
    preventServerStart: true,
    withoutTargetInfo: true,
    withoutScopeInfo: true,
  });
  const resource = resourceFromAttributes({ 'service.name': service, 'service.namespace': 'isthmus' });
  const textMapPropagator = new W3CTraceContextPropagator();
  const exporting = endpoint ? [await exportingProcessor(endpoint)] : [];
  if (endpoint) {
    // Loaded lazily: it pulls in every exporter, a tenth of all modules of a service.
    const { NodeSDK } = await import('@opentelemetry/sdk-node');
    new NodeSDK({
      autoDetectResources: false,
      resource,
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
      spanProcessors: exporting,
      metricReaders: [prometheus],
      logRecordProcessors: [],
      textMapPropagator,
    }).start();
  } else {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(textMapPropagator);
    metrics.setGlobalMeterProvider(new MeterProvider({ resource, readers: [prometheus] }));
  }
  traceOutgoingRequests();
  started = {
    metrics: prometheus,
    stop: async () => {
      await Promise.all(exporting.map((processor) => processor.forceFlush()));
    },
  };
  return started;
}

async function exportingProcessor(endpoint: string): Promise<BatchSpanProcessor> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  return new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` }),
  });
}

let instrumented = false;

/**
 * Client spans for undici requests, and the trace context in their headers. The query string is left out, because it may contain
 * personal data, and so are parts of the path that may be secrets, as in addresses of webhooks. Requests outside of a trace are
 * not affected, and no durations are recorded: they would be labelled with the host names of receivers.
 */
function traceOutgoingRequests(): void {
  if (instrumented) return;
  instrumented = true;
  new UndiciInstrumentation({
    ignoreRequestHook: () => !trace.getActiveSpan(),
    startSpanHook: ({ origin, path }) => ({
      'url.full': new URL(shownPath(path), origin).href,
      'url.path': shownPath(path),
      'url.query': undefined,
    }),
  }).setMeterProvider({ getMeter: createNoopMeter });
}
