import { hash } from 'node:crypto';
import type { Mirror, MirrorOwner, MirrorValue } from './mirror.ts';
import { mirrorId } from './mirror-id.ts';

/** One CMP record as the mirror compares and stores it. */
export interface MirrorRow<T> {
  id: string;
  cmpId: string;
  /** MD5 over all columns, printed as 32 hex digits: PostgreSQL keeps it as a uuid. */
  hash: string;
  values: MirrorValue[];
  value: T;
}

const columnEnd = '\u001f';
const absent = '\u0000';

export function mirrorRow<T>(mirror: Mirror<T>, owner: MirrorOwner, value: T): MirrorRow<T> {
  const values = mirror.columns.map((column) => column.of(value, owner));
  const cmpId = mirror.cmpIdOf(value);
  return {
    id: mirrorId(owner, mirror.kind, cmpId),
    cmpId,
    hash: hash('md5', values.map((item) => item ?? absent).join(columnEnd), 'hex'),
    values,
    value,
  };
}
