const minute = 60_000;
const windowMs = 168 * 60 * minute;

/**
 * When seats added, or a term begun, at `openedAt` can no longer be given back: 168 hours later, to the minute, UTC.
 * Sources: Ingram Micro, NCE FAQ ("seven-day (168 hours)"); Microsoft Learn, new commerce cancellation policy.
 */
export const windowCloses = (openedAt: number): number => Math.floor(openedAt / minute) * minute + windowMs;

/**
 * Closed from its last minute on, although Microsoft may still take it within that minute: an order needs time to get
 * there, and what is offered should succeed.
 */
export const windowOpen = (openedAt: number, now: number): boolean => now < windowCloses(openedAt);
