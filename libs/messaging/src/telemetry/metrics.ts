import { metrics } from '@opentelemetry/api';
import { attributes, metricNames } from './names.ts';

const meter = metrics.getMeter('@isthmus/messaging');
const parked = meter.createCounter(metricNames.parked);
const handled = meter.createCounter(metricNames.handled);
const published = meter.createCounter(metricNames.published);
const relayDelay = meter.createHistogram(metricNames.relayDelay, { unit: 'ms' });
const streamLosses = meter.createCounter(metricNames.streamLosses);

export const countParked = (direction: string, reason: string): void =>
  parked.add(1, { [attributes.direction]: direction, [attributes.reason]: reason });

export const countHandled = (destination: string, outcome: string): void =>
  handled.add(1, { [attributes.destination]: destination, [attributes.outcome]: outcome });

export const countPublished = (count: number): void => published.add(count);

export const recordRelayDelay = (milliseconds: number): void => relayDelay.record(milliseconds);

export const countStreamLoss = (stream: string): void => streamLosses.add(1, { [attributes.stream]: stream });
