import { randomBytes } from 'node:crypto';

/** What the gateway itself serves has no pages at it or below it, however it is written. */
const notPages = /^\/+(auth|v1|assets|healthz|metrics)(\/|%2f|$)/i;

/** Whether the console's own router takes over at a path. */
export const isPage = (path: string): boolean => !notPages.test(path);

/** What Vite and our own page have where the nonce belongs (`html.cspNonce`). */
const placeholder = '__CSP_NONCE__';

/** A page for one response: its scripts and styles carry a nonce that only this response's policy allows. */
export function pageWithNonce(html: string): { html: string; policy: string } {
  const nonce = randomBytes(18).toString('base64url');
  return { html: html.replaceAll(placeholder, nonce), policy: policyWith(nonce) };
}

const policyWith = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Served while no pages are built: enough to sign in and out, and to see as whom. */
export const plainPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Isthmus</title>
<style nonce="${placeholder}">body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem }</style>
</head>
<body>
<h1>Isthmus</h1>
<p id="state" role="status">…</p>
<p><a id="sign-in" href="/auth/login" hidden>Sign in</a> <button id="sign-out" hidden>Sign out</button></p>
<p><a href="/docs">API of this gateway</a></p>
<script nonce="${placeholder}">
const show = (id) => { document.getElementById(id).hidden = false; };
const say = (text) => { document.getElementById('state').textContent = text; };
const failed = new URLSearchParams(location.search).get('signInError');
const response = fetch('/auth/me').then((answer) => answer.json());
response.then((me) => {
  if (!me.signedIn) {
    say(failed ? 'You are not signed in: ' + failed + '.' : 'You are not signed in.');
    return show('sign-in');
  }
  say('Signed in as ' + me.name + '.');
  show('sign-out');
  document.getElementById('sign-out').addEventListener('click', async () => {
    const answer = await fetch('/auth/logout', { method: 'POST', headers: { 'x-csrf': me.csrf } });
    location.assign((await answer.json()).next);
  });
}).catch(() => say('The gateway does not respond.'));
</script>
</body>
</html>
`;
