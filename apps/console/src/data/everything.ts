/** Something found by `GET /v1/search`, which the gateway composes of what the services find. */
export interface Found {
  readonly kind: string;
  readonly id: string;
  readonly title: string;
  readonly subtitle: string | null;
}

/** Where a thing is shown, by its kind. A new page with things of its own adds a line. */
const places: Readonly<Record<string, (id: string, title: string) => string>> = {
  connector: (id) => `/admin/hub/integrations/${encodeURIComponent(id)}`,
  'provider-account': (id) => `/accounts/${encodeURIComponent(id)}`,
  contract: (id) => `/contracts/${encodeURIComponent(id)}`,
  'part-number': (id, title) =>
    `/catalogue?${new URLSearchParams({ tab: 'part-numbers', q: title, drawer: 'decide', part: id })}`,
  product: (id, title) => `/catalogue?${new URLSearchParams({ tab: 'products', q: title, product: id })}`,
  order: (id) => `/orders/${encodeURIComponent(id)}`,
  subscription: (id) => `/subscriptions/${encodeURIComponent(id)}`,
  'sync-run': (id) => `/sync-runs/${encodeURIComponent(id)}`,
};

/** Undefined for what has no page here. */
export const hrefOf = ({ kind, id, title }: Pick<Found, 'kind' | 'id' | 'title'>): string | undefined =>
  places[kind]?.(id, title);

export async function searchEverything(text: string, signal: AbortSignal): Promise<Found[]> {
  const response = await fetch(`/v1/search?q=${encodeURIComponent(text)}`, { signal });
  const body = (await response.json()) as { data?: Found[]; detail?: string; title?: string };
  if (!response.ok) throw new Error(body.detail ?? body.title ?? `HTTP ${response.status}`);
  return (body.data ?? []).filter((one) => hrefOf(one) !== undefined);
}
