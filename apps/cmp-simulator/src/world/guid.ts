/** A GUID in lower case, drawn from `next`; version 4 in shape only, since it must repeat with its seed. */
export function guid(next: () => number): string {
  const hex = Array.from({ length: 8 }, () =>
    Math.floor(next() * 65536)
      .toString(16)
      .padStart(4, '0'),
  ).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
