import type { components } from '@isthmus/cmp-client';

/** A schema of SimpleAPI 1.15 by its own name, generated from the published OpenAPI document. */
export type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];

/**
 * A name and a value. The published schema types `value` as an object, but every observed response has a string, and an
 * object in `structured_value`.
 */
export interface Parameter {
  name: string;
  value?: unknown;
  structured_value?: unknown;
}

/** CMP writes amounts as decimal strings next to an ISO 4217 code. */
interface Money {
  currency: string;
  amount: string;
}

/** Cents in, CMP's money out; negative for refunds. */
export function money(currency: string, cents: number): Money {
  return { currency, amount: (Math.round(cents) / 100).toFixed(2) };
}

const day = 86_400_000;
/** A world has some thousands of different days and writes them millions of times. */
const written = new Map<number, string>();

/** `2026-03-18`: how subscriptions carry days. */
export function isoDay(at: number): string {
  const number = Math.floor(at / day);
  let text = written.get(number);
  if (text === undefined) {
    text = new Date(at).toISOString().slice(0, 10);
    written.set(number, text);
  }
  return text;
}

/** `2026-07-27T02:11:09Z`: how orders carry instants, without milliseconds. */
export function isoSecond(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
