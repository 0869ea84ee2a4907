import { connect, IsthmusError, type Isthmus } from '@isthmus/sdk';
import { forgetMe, readMe } from './me.ts';

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Sends with the session's cookie; what changes something also names the session, which a foreign page cannot. */
async function sendWithSession(request: Request, init: { signal: AbortSignal }): Promise<Response> {
  if (reading.has(request.method)) return fetch(request, init);
  const first = await fetch(await named(request.clone()), init);
  if (first.status !== 403 || !(await isOldSession(first))) return first;
  // Signed in again meanwhile, in another tab: the session has another name now. Nothing was done yet.
  forgetMe();
  return fetch(await named(request), init);
}

async function named(request: Request): Promise<Request> {
  const me = await readMe();
  const headers = new Headers(request.headers);
  if (me?.csrf) headers.set('x-csrf', me.csrf);
  return new Request(request, { headers });
}

async function isOldSession(response: Response): Promise<boolean> {
  const body = (await response
    .clone()
    .json()
    .catch(() => undefined)) as { type?: unknown } | undefined;
  return body?.type === 'urn:isthmus:problem:csrf';
}

/** The platform, at the address the page came from. A person waits: it is tried twice, not four times. */
export const api: Isthmus = connect({
  baseUrl: globalThis.location?.origin ?? 'http://127.0.0.1',
  fetch: sendWithSession,
  attempts: 2,
});

export const isProblem = (error: unknown): error is IsthmusError => error instanceof IsthmusError;

/** Gives a text to the browser to be kept as a file. */
export function saveFile(file: string, text: string): void {
  // A byte-order mark, or Excel reads the file as if it were from 1995.
  const url = URL.createObjectURL(new Blob(['\uFEFF', text], { type: 'text/csv' }));
  Object.assign(document.createElement('a'), { href: url, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
