const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

/**
 * How many bytes the files of a ZIP archive say they unpack to; undefined when it is none. Asked before unpacking: an archive of a few
 * kilobytes may hold gigabytes of nothing.
 */
export function unpackedSize(archive: Buffer): number | undefined {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > archive.length || archive.readUInt32LE(end) !== endOfDirectory) return undefined;
  let at = archive.readUInt32LE(end + 16);
  let bytes = 0;
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== directoryEntry) return undefined;
    bytes += archive.readUInt32LE(at + 24);
    at += 46 + archive.readUInt16LE(at + 28) + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return bytes;
}
