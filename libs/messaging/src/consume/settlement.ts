import type { RetryPolicy } from '../messaging-options.ts';
import type { Outcome } from './delivery.ts';

/** What is told to whoever delivered a message. Without a delay it comes again at once. */
export type Settlement = { is: 'ack' } | { is: 'nak'; afterMs?: number } | { is: 'park' };

/**
 * What a delivery's end means for the message: taken off the stream only after its effect is committed, delivered again
 * more and more rarely while it fails, parked for people when it keeps failing or never can succeed. `tries` counts the
 * deliveries, this one included.
 */
export function settlementOf(outcome: Outcome['kind'], tries: number, retry: RetryPolicy): Settlement {
  if (outcome === 'done') return { is: 'ack' };
  if (outcome === 'stopped') return { is: 'nak' };
  if (outcome === 'hopeless' || tries >= retry.maxDeliveries) return { is: 'park' };
  const delays = retry.redeliveryDelaysMs;
  return { is: 'nak', afterMs: delays[Math.min(tries, delays.length) - 1] };
}
