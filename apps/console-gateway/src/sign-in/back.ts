const longest = 2_000;
/** Pages only: what the gateway itself answers is no place to come back to. */
const notPages = /^\/(auth|v1|assets|healthz|metrics)(\/|$)/;

/**
 * Where a browser goes after its sign-in: a path of this site, or undefined for anything that a browser might take for another site.
 */
export function safeBack(back: string | undefined): string | undefined {
  if (back === undefined || back === '') return '/';
  if (back.length > longest || !/^\/(?![/\\])[\x21-\x7e]*$/.test(back) || back.includes('\\'))
    return undefined;
  const site = 'https://site.invalid';
  const url = URL.canParse(back, site) ? new URL(back, site) : undefined;
  if (!url || url.origin !== site || url.pathname.startsWith('//') || notPages.test(url.pathname))
    return undefined;
  return url.pathname + url.search + url.hash;
}
