/** Seven days are 168 hours to the minute: bought at 11:00 on the 15th, open until 11:00 on the 22nd. */
export const windowHours = 168;

const minute = 60_000;

/**
 * Whether seats or a subscription bought at `openedAt` can still be given back at `at`. Minutes count, seconds do not.
 * Source: Ingram Micro's NCE FAQ ("seven-day (168 hours)"); Microsoft Learn, new commerce cancellation policy.
 */
export function withinWindow(openedAt: number, at: number): boolean {
  return Math.floor(at / minute) <= Math.floor(openedAt / minute) + windowHours * 60;
}
