import { isAscii, isUtf8 } from 'node:buffer';
import { UnreadableReportFile } from './unreadable-report-file.ts';

/** Bytes that Windows-1252 does not define: a file that has one of them is in another encoding. */
const unassigned = /[\u0081\u008d\u008f\u0090\u009d]/;

/**
 * Sequences that do not occur in Western text, but in text of other encodings read as Windows-1252: runs of accented letters
 * (Cyrillic, Greek, Hebrew), signs within a word (Central European, DOS) or after it, and upper-case letters after
 * lower-case ones (Macintosh).
 */
const notWindows1252 =
  /[\u00c0-\u00ff]{4}|\p{L}[†‡‹›“”¡¢£¤¥¦¨¬¯±³¶¸¹¿]\p{L}|\p{L}[‚ƒ„ˆ‰]|\p{Ll}[ŠŒŽŸ]|\p{L}[ŠŒŽŸ]\p{Ll}/u;

/**
 * Decodes a file piece by piece: UTF-8 or UTF-16, with or without a byte order mark, otherwise Windows-1252.
 * @throws UnreadableReportFile (report.encoding-unknown) rather than losing a letter
 */
export async function* decodeText(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let decode: ((piece: Buffer, last: boolean) => string) | undefined;
  let start = Buffer.alloc(0);
  for await (const piece of bytes) {
    if (decode) {
      yield decode(piece, false);
      continue;
    }
    start = Buffer.concat([start, piece]);
    if (start.length < 4) continue;
    decode = decoderFor(start);
    yield decode(start, false);
  }
  decode ??= decoderFor(start);
  yield start.length < 4 ? decode(start, true) : decode(Buffer.alloc(0), true);
}

/** Detects the encoding from the byte order mark, or from the positions of UTF-16's zero bytes: column names are ASCII. */
function decoderFor(start: Buffer): (piece: Buffer, last: boolean) => string {
  const [a, b, c, d] = start;
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    throw unknownEncoding('It is UTF-32.');
  if ((a === 0xff && b === 0xfe) || (a && b === 0 && c && d === 0)) return utf16('utf-16le');
  if ((a === 0xfe && b === 0xff) || (a === 0 && b && c === 0 && d)) return utf16('utf-16be');
  return bytewise();
}

function utf16(encoding: 'utf-16le' | 'utf-16be'): (piece: Buffer, last: boolean) => string {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (piece, last) => {
    try {
      return decoder.decode(piece, { stream: !last });
    } catch (cause) {
      throw unknownEncoding('It starts as UTF-16 and continues in another encoding.', cause);
    }
  };
}

/** Decodes UTF-8 until the first invalid byte; if everything before it is plain ASCII, the file is Windows-1252. */
function bytewise(): (piece: Buffer, last: boolean) => string {
  const latin = new TextDecoder('windows-1252');
  let carried = Buffer.alloc(0);
  let encoding: 'utf-8' | 'windows-1252' | undefined;
  return (piece, last) => {
    const all = Buffer.concat([carried, piece]);
    const end = last ? all.length : wholeCharacters(all);
    carried = all.subarray(end);
    const part = all.subarray(0, end);
    if (isAscii(part)) return part.toString('latin1');
    const inUtf8 = isUtf8(part);
    encoding ??= inUtf8 ? 'utf-8' : 'windows-1252';
    if (encoding === 'utf-8') {
      if (!inUtf8) throw mixedEncoding();
      return part.toString('utf8');
    }
    const text = latin.decode(part);
    if (unassigned.test(text)) throw unknownEncoding('It is neither UTF-8 nor Windows-1252.');
    if (/[\u00c2\u00c3][\u0080-\u00bf]/.test(part.toString('latin1'))) throw mixedEncoding();
    if (notWindows1252.test(text))
      throw unknownEncoding(
        'It is not UTF-8, and it contains sequences that do not occur in Windows-1252 text.',
      );
    return text;
  };
}

/** Returns the start of the last character that may continue in the next chunk. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++)
    if (bytes[bytes.length - back]! >= 0xc0) return bytes.length - back;
  return bytes.length;
}

const unknownEncoding = (why: string, cause?: unknown): UnreadableReportFile =>
  new UnreadableReportFile(
    'report.encoding-unknown',
    `The encoding of the file is unclear. ${why}`,
    'Request the report again as XLSX or JSON, or as CSV in UTF-8.',
    { cause },
  );

const mixedEncoding = (): UnreadableReportFile =>
  unknownEncoding('Some of its characters are UTF-8 and some are not.');
