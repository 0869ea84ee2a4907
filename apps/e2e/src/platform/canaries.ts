import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';

/** How a secret may be written. */
export const spellings: Record<string, (secret: string) => string> = {
  plain: (secret) => secret,
  capitals: (secret) => secret.toUpperCase(),
  html: (secret) =>
    secret.replace(
      /[&<>"']/g,
      (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!,
    ),
  url: encodeURIComponent,
  form: (secret) => new URLSearchParams({ s: secret }).toString().slice(2),
  json: (secret) => JSON.stringify(secret).slice(1, -1),
  base64: (secret) => base64At(secret, 0),
  'base64 after one byte': (secret) => base64At(secret, 1),
  'base64 after two bytes': (secret) => base64At(secret, 2),
  base64url: (secret) => base64At(secret, 0).replaceAll('+', '-').replaceAll('/', '_'),
  hex: (secret) => Buffer.from(secret).toString('hex'),
  cut: (secret) => secret.slice(1, -2),
};

/** The part of its Base64 that depends on the secret alone. */
function base64At(secret: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
  const coded = bytes.toString('base64').replace(/=+$/, '');
  return coded.slice(before === 0 ? 0 : before + 1, bytes.length % 3 === 0 ? undefined : -1);
}

/** Where secrets must not be, and where they were found. */
export class CanarySearch {
  readonly found: string[] = [];
  readonly #needles: { name: string; text: string }[];
  /** How much was looked at, by kind of place. */
  readonly looked: Record<string, number> = {};

  constructor(canaries: Record<string, string>) {
    this.#needles = Object.entries(canaries).flatMap(([name, secret]) => {
      const spelt = Object.entries(spellings).map(([how, spell]) => ({
        name: `${name}, ${how}`,
        text: spell(secret).toLowerCase(),
      }));
      return spelt.filter(({ text }, at) => spelt.findIndex((other) => other.text === text) === at);
    });
  }

  text(place: string, content: string): void {
    const kind = place.split(' ', 1)[0]!;
    this.looked[kind] = (this.looked[kind] ?? 0) + content.length;
    const small = content.toLowerCase();
    for (const { name, text } of this.#needles)
      if (small.includes(text)) this.found.push(`${place}: ${name}`);
  }

  /** Every row of every table of a database. */
  async tables(url: string): Promise<void> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string }>(
        `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema')`,
      );
      for (const { name } of rows) {
        const { rows: texts } = await client.query<{ text: string }>(`select t::text as text from ${name} t`);
        this.text(`table ${name}`, texts.map(({ text }) => text).join('\n'));
      }
    } finally {
      await client.end();
    }
  }

  /** The write-ahead log of a database's server, as far as it was written since. */
  async wal(url: string, since: number): Promise<void> {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    await client.end();
    await this.folder('wal', join(rows[0]!.data_directory, 'pg_wal'), since, withoutPageHeaders);
  }

  /** Every file of a folder that was written since. */
  async folder(
    kind: string,
    folder: string,
    since = 0,
    contentOf: (file: Buffer) => Buffer = (file) => file,
  ): Promise<void> {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      // Files may go away meanwhile.
      const facts = entry.isFile() ? await stat(path).catch(() => undefined) : undefined;
      if (!facts || facts.mtimeMs < since) continue;
      const content = await readFile(path).catch(() => undefined);
      if (content) this.text(`${kind} ${entry.name}`, contentOf(content).toString('latin1'));
    }
  }
}

const walPage = 8192;

/** The records of a segment of the write-ahead log in one piece: a header stands in the middle of whatever goes over the end of a page. */
function withoutPageHeaders(segment: Buffer): Buffer {
  const pages: Buffer[] = [];
  for (let at = 0; at < segment.length; at += walPage)
    pages.push(segment.subarray(at + (at === 0 ? 40 : 24), at + walPage));
  return Buffer.concat(pages);
}
