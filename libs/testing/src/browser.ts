import { request as send } from 'node:http';
import { text as read } from 'node:stream/consumers';
import { parseSetCookie } from 'cookie';

export interface Seen {
  url: URL;
  status: number;
  headers: Headers;
  text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- expectations check what is in it
  json: any;
  /** Set-Cookie headers of all responses on the way. */
  setCookies: string[];
}

/** As much of a browser as a sign-in needs: cookies of one host name, whatever the port, and redirects. */
export class Browser {
  /** Those of the whole host. */
  readonly cookies = new Map<string, string>();
  /** Those of a path, by path and name. */
  readonly #below = new Map<string, { path: string; name: string; value: string }>();

  /** Follows redirects, except with `redirect: 'manual'`. */
  async open(address: string | URL, init: RequestInit = {}): Promise<Seen> {
    let url = new URL(address);
    const setCookies: string[] = [];
    for (let request = init, hops = 0; ; hops += 1) {
      if (hops > 10) throw new Error(`Redirected too often, last to ${url.href}`);
      const { pathname } = url;
      const below = [...this.#below.values()].filter(({ path }) => pathname.startsWith(path));
      const cookie = [...this.cookies, ...below.map(({ name, value }) => [name, value] as const)]
        .map(([name, value]) => `${name}=${value}`)
        .join('; ');
      const headers = { accept: 'text/html,*/*;q=0.8', ...request.headers, ...(cookie && { cookie }) };
      const response = await fetch(url, { ...request, headers, redirect: 'manual' });
      for (const text of response.headers.getSetCookie()) this.#store(text);
      setCookies.push(...response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (
        location === null ||
        response.status < 300 ||
        response.status >= 400 ||
        init.redirect === 'manual'
      ) {
        const text = await response.text();
        const json: unknown = /json/.test(response.headers.get('content-type') ?? '')
          ? JSON.parse(text)
          : undefined;
        return { url, status: response.status, headers: response.headers, text, json, setCookies };
      }
      await response.body?.cancel();
      url = new URL(location, url);
      request = {};
    }
  }

  /** From the sign-in link to the page that it comes back to. */
  async signIn(origin: string, person: string, back = '/'): Promise<Seen> {
    return this.choose(await this.open(`${origin}/auth/login?back=${encodeURIComponent(back)}`), person);
  }

  /** Presses a button of the identity provider's page. */
  async choose({ url, text }: Seen, person: string): Promise<Seen> {
    const value = [...text.matchAll(/value="([^"]*)">([^<]*)</g)].find(([, , name]) => name === person)?.[1];
    if (value === undefined) throw new Error(`${url.href} has no button for ${person}: ${text}`);
    return this.open(url, { method: 'POST', body: new URLSearchParams({ person: value }) });
  }

  #store(text: string): void {
    const { name, value = '', maxAge, expires, path = '/' } = parseSetCookie(text)!;
    const gone = maxAge === 0 || (expires !== undefined && expires.getTime() <= Date.now());
    const key = `${path} ${name}`;
    if (path === '/') void (gone ? this.cookies.delete(name) : this.cookies.set(name, value));
    else void (gone ? this.#below.delete(key) : this.#below.set(key, { path, name, value }));
  }
}

/** A GET of exactly this path, with exactly these headers: fetch tidies up both. */
export function rawGet(
  origin: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    send(origin, { path, headers }, (response) => {
      read(response).then((text) => resolve({ status: response.statusCode!, text }), reject);
    })
      .on('error', reject)
      .end();
  });
}
