import { metrics } from '@opentelemetry/api';
import { attributes, metricNames } from './names.ts';

// Made at first use: the metrics API, unlike the trace API, has no stand-in for instruments made before its provider is set.
const instruments = () => {
  const meter = metrics.getMeter('@isthmus/messaging');
  return {
    parked: meter.createCounter(metricNames.parked),
    handled: meter.createCounter(metricNames.handled),
    published: meter.createCounter(metricNames.published),
    relayDelay: meter.createHistogram(metricNames.relayDelay, { unit: 'ms' }),
    streamLosses: meter.createCounter(metricNames.streamLosses),
  };
};
let made: ReturnType<typeof instruments> | undefined;
const use = () => (made ??= instruments());

export const countParked = (direction: string, reason: string): void =>
  use().parked.add(1, { [attributes.direction]: direction, [attributes.reason]: reason });

export const countHandled = (destination: string, outcome: string): void =>
  use().handled.add(1, { [attributes.destination]: destination, [attributes.outcome]: outcome });

export const countPublished = (count: number): void => use().published.add(count);

export const recordRelayDelay = (milliseconds: number): void => use().relayDelay.record(milliseconds);

export const countStreamLoss = (stream: string): void =>
  use().streamLosses.add(1, { [attributes.stream]: stream });
