import { inflateRawSync } from 'node:zlib';

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

interface Entry {
  name: string;
  /** 0: as it is, 8: deflated. */
  method: number;
  packed: number;
  unpacked: number;
  /** Where its own header begins. */
  at: number;
}

/** What a ZIP archive says it holds; undefined when it is none. */
function entriesOf(archive: Buffer): Entry[] | undefined {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > archive.length || archive.readUInt32LE(end) !== endOfDirectory) return undefined;
  let at = archive.readUInt32LE(end + 16);
  const entries: Entry[] = [];
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== directoryEntry) return undefined;
    const nameEnd = at + 46 + archive.readUInt16LE(at + 28);
    entries.push({
      name: archive.toString('utf8', at + 46, nameEnd),
      method: archive.readUInt16LE(at + 10),
      packed: archive.readUInt32LE(at + 20),
      unpacked: archive.readUInt32LE(at + 24),
      at: archive.readUInt32LE(at + 42),
    });
    at = nameEnd + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

/**
 * How many bytes the files of a ZIP archive say they unpack to; undefined when it is none. Asked before unpacking: an archive of a few
 * kilobytes may hold gigabytes of nothing.
 */
export const unpackedSize = (archive: Buffer): number | undefined =>
  entriesOf(archive)?.reduce((bytes, { unpacked }) => bytes + unpacked, 0);

/** A cell's place, `AB12`; no markup can stand in an attribute's value. */
const place = /\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']/gi;
const atOnce = 1_048_576;
/** Longer than any cell's place, so that none is cut in two unseen. */
const overlap = 64;

/**
 * Whether a sheet of a workbook spans far more cells than it has: whoever reads it builds all of them, and two cells in opposite corners
 * are 17 billion.
 * @throws RangeError when a sheet unpacks to more than the archive says
 */
export function hasLostCells(workbook: Buffer): boolean {
  return (entriesOf(workbook) ?? []).some((entry) => {
    if (!/(?:^|\/)worksheets\//i.test(entry.name)) return false;
    const sheet = unpacked(workbook, entry);
    let [rows, columns, cells] = [0, 0, 0];
    for (let from = 0; from < sheet.length; from += atOnce)
      for (const [, letters, row] of sheet
        .toString('latin1', from, from + atOnce + overlap)
        .matchAll(place)) {
        cells += 1;
        rows = Math.max(rows, Number(row));
        columns = Math.max(columns, columnOf(letters!));
      }
    return rows * columns > 1_000_000 + 20 * cells;
  });
}

function unpacked(archive: Buffer, { method, packed, unpacked: size, at }: Entry): Buffer {
  const start = at + 30 + archive.readUInt16LE(at + 26) + archive.readUInt16LE(at + 28);
  const data = archive.subarray(start, start + packed);
  return method === 0 ? data : inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
}

const columnOf = (letters: string): number =>
  [...letters.toUpperCase()].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0);
