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
