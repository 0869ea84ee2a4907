import { defaultAccounts } from '@isthmus/cmp-simulator';
import { request } from 'undici';

const [account] = defaultAccounts;

interface Listed {
  data: { creationDate: string }[];
  pagination: object;
}

/** The world of the simulator's first account, each address asked for once and then known by heart, for stand-ins that serve it to many resellers. */
export class RecordedCmp {
  /** What the simulator answered, by address. */
  readonly #answers = new Map<string, Promise<string>>();
  #token: Promise<string> | undefined;

  constructor(private readonly simulator: string) {}

  /** The body of the response to a GET. */
  get(path: string): Promise<string> {
    let known = this.#answers.get(path);
    if (!known) this.#answers.set(path, (known = this.#ask(path)));
    return known;
  }

  /** The orders since the moment that `url` names. Every reader asks since another one, so that the list is kept whole. */
  async ordersSince(url: URL): Promise<string> {
    const since = url.searchParams.get('creationTimeFrom') ?? '';
    url.searchParams.delete('creationTimeFrom');
    const { data, pagination } = JSON.parse(await this.get(url.pathname + url.search)) as Listed;
    const recent = data.filter(({ creationDate }) => creationDate >= since);
    return JSON.stringify({ data: recent, pagination: { ...pagination, total: recent.length } });
  }

  /** Asks the simulator again for everything. */
  forget(): void {
    this.#answers.clear();
  }

  async #ask(path: string): Promise<string> {
    const authorization = `Bearer ${await (this.#token ??= this.#login(path.split('/').slice(0, 3).join('/')))}`;
    return this.#call(path, { authorization });
  }

  async #login(base: string): Promise<string> {
    const basic = Buffer.from(`${account.username}:${account.password}`).toString('base64');
    const body = JSON.stringify({ marketplace: account.marketplace });
    const text = await this.#call(`${base}/token`, { authorization: `Basic ${basic}` }, body);
    return (JSON.parse(text) as { token: string }).token;
  }

  async #call(path: string, headers: Record<string, string>, body?: string): Promise<string> {
    const response = await request(this.simulator + path, {
      method: body ? 'POST' : 'GET',
      headers: {
        ...headers,
        ...(body && { 'content-type': 'application/json' }),
        'x-subscription-key': account.subscriptionKey,
      },
      body: body ?? null,
    });
    const text = await response.body.text();
    if (response.statusCode !== 200)
      throw new Error(`The simulator answered ${path} with ${response.statusCode}: ${text.slice(0, 200)}`);
    return text;
  }
}
