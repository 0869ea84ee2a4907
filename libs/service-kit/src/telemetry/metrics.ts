import { metrics, type Attributes, type Counter, type Histogram } from '@opentelemetry/api';
import { metricNames, type CounterName, type HistogramName } from './names.ts';

const meter = 'isthmus';

/** A counter of `names.ts`. May be made at module level: the instrument itself is made at first use, when metrics are up. */
export function counter(name: CounterName): { add(value: number, attributes?: Attributes): void } {
  let made: Counter | undefined;
  return {
    add(value, attributes) {
      const { unit, description } = metricNames[name];
      made ??= metrics.getMeter(meter).createCounter(name, { unit, description });
      made.add(value, attributes);
    },
  };
}

/** A histogram of `names.ts`, in seconds. May be made at module level, like a counter. */
export function histogram(name: HistogramName): { record(seconds: number, attributes?: Attributes): void } {
  let made: Histogram | undefined;
  return {
    record(seconds, attributes) {
      const { unit, description } = metricNames[name];
      made ??= metrics.getMeter(meter).createHistogram(name, { unit, description });
      made.record(seconds, attributes);
    },
  };
}
