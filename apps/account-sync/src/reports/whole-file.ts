import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { limitBytes } from './limit-bytes.ts';

/** All of a file that cannot be read piece by piece. @throws ReportNotUsable when it is larger than `limit` bytes */
export async function wholeFile(file: Readable, limit: number): Promise<Buffer> {
  const limited = limitBytes(limit);
  pipeline(file, limited, () => undefined);
  const parts: Buffer[] = [];
  for await (const part of limited) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
