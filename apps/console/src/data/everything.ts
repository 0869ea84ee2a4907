/** Something found by `GET /v1/search`, which the gateway composes of what the services find. */
export interface Found {
  readonly kind: string;
  readonly id: string;
  readonly title: string;
  readonly subtitle: string | null;
}

/** Where a thing is shown, by its kind. A new page with things of its own adds a line. */
const places: Readonly<Record<string, (id: string) => string>> = {
  connector: () => '/admin/hub/integrations',
  'provider-account': (id) => `/accounts/${encodeURIComponent(id)}`,
  order: (id) => `/orders/${encodeURIComponent(id)}`,
  subscription: (id) => `/subscriptions/${encodeURIComponent(id)}`,
  'sync-run': (id) => `/sync-runs/${encodeURIComponent(id)}`,
};

/** Undefined for what has no page here. */
export const hrefOf = ({ kind, id }: Pick<Found, 'kind' | 'id'>): string | undefined => places[kind]?.(id);

export async function searchEverything(text: string, signal: AbortSignal): Promise<Found[]> {
  const response = await fetch(`/v1/search?q=${encodeURIComponent(text)}`, { signal });
  const body = (await response.json()) as { data?: Found[]; detail?: string; title?: string };
  if (!response.ok) throw new Error(body.detail ?? body.title ?? `HTTP ${response.status}`);
  return (body.data ?? []).filter((one) => hrefOf(one) !== undefined);
}
