import { defaultAccounts } from '@isthmus/cmp-simulator';
import { request, type Agent } from 'undici';

export interface RawSubscription {
  id: string;
  name: string;
  customerId: string;
  status: string;
  renewalStatus: boolean;
  creationDate: string;
  renewalDate?: string;
  lastModifiedDate: string;
  expirationDate?: string;
  billingModel: string;
  billingPeriod: { type: string; duration: number };
  subscriptionPeriod: { type: string; duration: number };
}

const size = 500;
const [account] = defaultAccounts;

interface Page {
  data: RawSubscription[];
  pagination: { total: number };
}

/** Signs in at CMP; the answer reads the page at an offset. */
export async function pageReader(
  apiUrl: string,
  dispatcher: Agent,
): Promise<(offset: number) => Promise<Page>> {
  const headers = { 'x-subscription-key': account.subscriptionKey, 'content-type': 'application/json' };
  const basic = Buffer.from(`${account.username}:${account.password}`).toString('base64');
  const answer = await request(`${apiUrl}/token`, {
    method: 'POST',
    headers: { ...headers, authorization: `Basic ${basic}` },
    body: JSON.stringify({ marketplace: account.marketplace }),
    dispatcher,
  });
  const { token } = (await answer.body.json()) as { token: string };
  return async (offset) => {
    const url = `${apiUrl}/subscriptions?offset=${offset}&limit=${size}`;
    const page = await request(url, {
      headers: { ...headers, authorization: `Bearer ${token}` },
      dispatcher,
    });
    return JSON.parse(await page.body.text()) as Page;
  };
}

/** CMP's subscriptions page by page, two pages asked for ahead, nothing checked. */
export async function* readPages(apiUrl: string, dispatcher: Agent): AsyncGenerator<RawSubscription[]> {
  const read = await pageReader(apiUrl, dispatcher);
  const ahead = [read(0), read(size), read(2 * size)];
  for (let offset = 0, total = Infinity; offset < total; offset += size) {
    const page = await ahead.shift()!;
    total = page.pagination.total;
    if (offset + 3 * size < total) ahead.push(read(offset + 3 * size));
    yield page.data;
  }
}
