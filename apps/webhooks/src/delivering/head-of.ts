import type { Readable } from 'node:stream';

const headBytes = 1024;

/** The beginning of an answer, for people to read; the rest is not taken in. What breaks off there is left out. */
export async function headOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if ((size += chunk.length) >= headBytes) break;
    }
  } catch {
    // The status counts, and it is known.
  } finally {
    body.destroy();
  }
  const text = Buffer.concat(chunks).subarray(0, headBytes).toString('utf8');
  // PostgreSQL stores no NUL, and a binary answer helps nobody.
  return text.replace(/[\u0000-\u0008\u000b-\u001f]/g, '\uFFFD');
}
