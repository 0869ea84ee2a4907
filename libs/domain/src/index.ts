export * from './canonical-hash.ts';
export * from './clock.ts';
export * from './country-code.ts';
export * from './domain-error.ts';
export * from './money.ts';
export * from './part-number.ts';
export * from './period.ts';
export * from './redact-third-party-text.ts';
