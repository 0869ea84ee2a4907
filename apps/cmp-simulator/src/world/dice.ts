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
