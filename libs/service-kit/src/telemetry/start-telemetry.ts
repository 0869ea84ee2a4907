import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TracerProvider,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { traceOutgoingRequests } from './outgoing-requests.ts';

export interface TelemetryOptions {
  service: string;
  /** Base address of an OTLP/HTTP collector; no spans are exported without it. */
  endpoint?: string;
  sampleRatio: number;
}

export interface Telemetry {
  /** Read by GET /metrics. */
  metrics: PrometheusExporter;
  /** Sends what is still held back. */
  stop(): Promise<void>;
}

let started: Telemetry | undefined;

/**
 * Sets OpenTelemetry up, once per process. Made of the SDK's parts rather than of sdk-node, which loads every exporter
 * there is, gRPC included, and costs 0.2 s of a service's start.
 */
export async function startTelemetry({
  service,
  endpoint,
  sampleRatio,
}: TelemetryOptions): Promise<Telemetry> {
  if (started) return started;
  const resource = resourceFromAttributes({ 'service.name': service, 'service.namespace': 'isthmus' });
  const prometheus = new PrometheusExporter({
    preventServerStart: true,
    withoutTargetInfo: true,
    withoutScopeInfo: true,
  });
  const meters = new MeterProvider({ resource, readers: [prometheus] });
  const root = endpoint ? new TraceIdRatioBasedSampler(sampleRatio) : new AlwaysOffSampler();
  const tracers = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root, remoteParentSampled: endpoint ? undefined : root }),
    spanProcessors: endpoint ? [await exportingProcessor(endpoint)] : [],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
  traceOutgoingRequests();
  started = {
    metrics: prometheus,
    stop: async () => {
      await tracers.forceFlush();
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
