/** A GUID in lower case, drawn from `next`; version 4 in shape only, since it must repeat with its seed. */
export function guid(next: () => number): string {
  const word = (length: number) => (Math.floor(next() * 16 ** length) + 16 ** length).toString(16).slice(1);
  return `${word(8)}-${word(4)}-4${word(3)}-a${word(3)}-${word(6)}${word(6)}`;
}
