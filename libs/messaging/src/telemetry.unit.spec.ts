import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { activeTraceparent, contextOf, traceparentOf } from './telemetry.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

it('reads and writes a traceparent alike', () => {
  expect(traceparentOf(trace.getSpanContext(contextOf(traceparent))!)).toBe(traceparent);
});

it.each([
  [undefined],
  [null],
  [''],
  ['00-short-b7ad6b7169203331-01'],
  ['ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
])('begins a new trace for %p', (unreadable) => {
  expect(contextOf(unreadable)).toBe(ROOT_CONTEXT);
});

it('has none when nothing is traced', () => {
  expect(activeTraceparent()).toBeUndefined();
});
