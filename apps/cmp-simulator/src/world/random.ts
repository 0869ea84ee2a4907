/**
 * A number in [0, 1) that depends on nothing but its arguments, so that row 731 204 of a large world can be made
 * on its own, at any time, and is always the same. The mixing is that of MurmurHash3's finaliser.
 */
export function dice(seed: number, row: number, face: number): number {
  let h =
    Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^
    Math.imul(row + 0x7f4a7c15, 0xc2b2ae35) ^
    Math.imul(face + 1, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/** A small seeded generator for values that are drawn in sequence (tokens, correlation ids); returns numbers in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A GUID in lower case, drawn from `next`; version 4 in shape only, since it must repeat with its seed. */
export function guid(next: () => number): string {
  const word = (length: number) => (Math.floor(next() * 16 ** length) + 16 ** length).toString(16).slice(1);
  return `${word(8)}-${word(4)}-4${word(3)}-a${word(3)}-${word(6)}${word(6)}`;
}
