import { PartNumber } from '@isthmus/domain';

/** Work 365's part number of a line; undefined when its vendor or mpn is not known or cannot stand in one. */
export function partNumberOfLine(vendor: string | null, mpn: string | null): string | undefined {
  if (!vendor || !mpn) return undefined;
  try {
    return PartNumber.print(PartNumber.of(vendor, mpn));
  } catch {
    return undefined;
  }
}
