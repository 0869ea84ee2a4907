/**
 * One spelling per address: CMP shows it with and without a trailing slash, and host names ignore case.
 * The text must be a URL.
 */
export function canonicalApiUrl(text: string): string {
  const { origin, pathname } = new URL(text.trim());
  return origin + pathname.replace(/\/+$/, '');
}
