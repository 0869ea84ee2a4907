/** Who is signed in, as the gateway says at `GET /v1/me`. */
export interface Me {
  readonly sub: string;
  readonly name: string;
  readonly tenant: string;
  readonly tenantName: string | null;
  readonly roles: readonly string[];
  readonly role: string | null;
  readonly csrf: string | null;
  readonly expiresAt: string;
  /** With `{traceId}` in it. */
  readonly traceUrlTemplate: string | null;
  /** With `{marketplace}`, `{region}` and `{accountId}` in it. */
  readonly controlPanelUrlTemplate: string | null;
}

let known: Me | undefined;

/** Who is signed in; asks once per page, and again after `forgetMe`. */
export async function readMe(): Promise<Me | undefined> {
  if (known) return known;
  const response = await fetch('/v1/me', { headers: { accept: 'application/json' } });
  if (response.status === 401) return undefined;
  if (!response.ok) throw new Error(`GET /v1/me: HTTP ${response.status}`);
  known = (await response.json()) as Me;
  return known;
}

export const forgetMe = (): void => {
  known = undefined;
};

/** Leaves for the sign-in, and comes back to where we are. */
export function signIn(): void {
  const { pathname, search } = globalThis.location;
  globalThis.location.assign(`/auth/login?back=${encodeURIComponent(pathname + search)}`);
}

export async function signOut(): Promise<void> {
  const me = await readMe();
  const response = await fetch('/auth/logout', {
    method: 'POST',
    headers: { 'x-csrf': me?.csrf ?? '', 'content-type': 'application/json' },
    body: '{}',
  });
  const { next } = (await response.json()) as { next?: string };
  globalThis.location.assign(next ?? '/');
}
