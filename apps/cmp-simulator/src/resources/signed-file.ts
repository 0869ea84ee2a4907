import { createHash } from 'node:crypto';
import type { ReportState } from '../world/report.ts';

const lifetimeMs = 3_600_000;

/** The file's name with a signature that is good for an hour from now, as Azure's shared access signatures are. */
export function signedFile(report: ReportState, now: number): string {
  const expiry = new Date(now + lifetimeMs).toISOString();
  return `${fileOf(report)}?sp=r&se=${encodeURIComponent(expiry)}&sig=${signatureOf(report, expiry)}`;
}

export const fileOf = ({ id, format }: ReportState): string => `${id}.${format}`;

/** Whether the link's signature is ours and has not run out. */
export const isSigned = (report: ReportState, { se = '', sig = '' }: SignedQuery, now: number): boolean =>
  sig === signatureOf(report, se) && Date.parse(se) > now;

export interface SignedQuery {
  se?: string;
  sig?: string;
}

const signatureOf = ({ signature }: ReportState, expiry: string): string =>
  createHash('sha256').update(`${signature} ${expiry}`).digest('hex');
