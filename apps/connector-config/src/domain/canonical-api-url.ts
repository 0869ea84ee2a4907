/**
 * One spelling per address, so that two connectors to one account are recognised: host names ignore case and may end in the
 * root's dot, a default port, dot segments and trailing slashes mean nothing, and letters need no percent. The case of the
 * path does matter. The text must be a URL.
 */
export function canonicalApiUrl(text: string): string {
  const url = new URL(text.trim());
  url.hostname = url.hostname.replace(/\.$/, '');
  const plain = url.pathname.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
  });
  return url.origin + new URL(plain, url.origin).pathname.replace(/\/+$/, '');
}
