import { redactOpaqueTokens } from '@isthmus/domain';

const tokenInJson = /("(?:token|access_token)"\s*:\s*")[^"]*/gi;
const authorization = /\b(Basic|Bearer)\s+[A-Za-z0-9._~+/=-]{8,}/g;
const jsonWebToken = /\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*/g;

/** A shorter one is a word that occurs in CMP's messages. */
const shortestToken = 12;
/** Tokens of calls that are under way may still be echoed. */
const rememberedTokens = 8;
/** A part of a secret that is as long as this gives something of it away. */
const telling = 8;

/**
 * Removes our secrets from external strings, because a response may echo the request: in capitals, without a character or two,
 * escaped for HTML, a URL, a form or JSON, in Base64 or hexadecimal. Unknown strings that look like a token are removed as well.
 */
export class Secrets {
  // Private fields here and in related classes: a dump of a client must not reveal its secrets.
  readonly #known: readonly Traces[];
  #tokens: readonly { token: string; traces: Traces }[] = [];

  constructor(...secrets: string[]) {
    // Masking a secret of one or two characters would destroy every message, and it is not a secret.
    this.#known = secrets.filter((secret) => secret.length > 2).map(tracesOf);
  }

  /** A session's token, which must not be shown from the moment it is known. */
  learn(token: string): void {
    if (token.length < shortestToken || this.#tokens.some((one) => one.token === token)) return;
    this.#tokens = [{ token, traces: tracesOf(token) }, ...this.#tokens].slice(0, rememberedTokens);
  }

  redact(text: string): string {
    const shapes = this.redactKnown(text)
      .replace(tokenInJson, '$1[redacted]')
      .replace(authorization, '$1 [redacted]')
      .replace(jsonWebToken, '[redacted]');
    return redactOpaqueTokens(shapes);
  }

  /** Removes only known secrets, for strings in which other opaque values are useful. */
  redactKnown(text: string): string {
    const traces = [...this.#known, ...this.#tokens.map((one) => one.traces)];
    return masked(
      text,
      layersOf(text).flatMap((layer) => rangesIn(layer, traces)),
    );
  }
}

/** The pieces of a secret, in all of its spellings, by their length. */
type Traces = ReadonlyMap<number, ReadonlySet<string>>;

function tracesOf(secret: string): Traces {
  const traces = new Map<number, Set<string>>();
  for (const spelling of spellingsOf(secret)) {
    const text = folded(spelling);
    const size = text.length < telling + 2 ? Math.max(3, text.length - 1) : telling;
    const pieces = traces.get(size) ?? new Set();
    for (let at = 0; at + size <= text.length; at++) pieces.add(text.slice(at, at + size));
    traces.set(size, pieces);
  }
  return traces;
}

function spellingsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // A secret may itself look escaped; strings are searched with their escapes decoded.
  const spellings = [...layersOf(secret).map(({ text }) => text), bytes.toString('hex')];
  // Base64 depends on where in a text the secret begins; its first and last characters also on what is around it.
  for (const before of [0, 1, 2]) {
    const coded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const whole = coded.slice(
      before === 0 ? 0 : before + 1,
      (before + bytes.length) % 3 === 0 ? undefined : -1,
    );
    // Something as short as this is in many a word.
    if (whole.length >= 6) spellings.push(whole, whole.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return spellings;
}

/** Lower case, without changing positions. */
const folded = (text: string): string =>
  text.replace(/[^a-z\d]/g, (letter) => {
    const small = letter.toLowerCase();
    return small.length === letter.length ? small : letter;
  });

/** A string, and the positions in the original at which each of its characters begins and ends. */
interface Layer {
  text: string;
  begins: number[];
  ends: number[];
}

/** The string itself, and with its escapes decoded once, twice and three times. */
function layersOf(text: string): Layer[] {
  const begins = Array.from({ length: text.length }, (_, index) => index);
  let layer: Layer = { text, begins, ends: begins.map((index) => index + 1) };
  const layers = [layer];
  for (let times = 0; times < 3; times++) {
    const next = unescaped(layer);
    if (next.text === layer.text) break;
    layers.push((layer = next));
  }
  return layers.flatMap((one) =>
    one.text.includes('+') ? [one, { ...one, text: one.text.replaceAll('+', ' ') }] : [one],
  );
}

const escapes =
  /&(?:#(?<dec>\d{1,7})|#x(?<hex>[\da-f]{1,6})|(?<name>amp|lt|gt|quot|apos|nbsp));?|(?<octets>(?:%[\da-f]{2})+)|\\u(?<unit>[\da-f]{4})|\\x(?<byte>[\da-f]{2})|\\(?<char>["'\\/])/gi;
const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function unescaped({ text, begins, ends }: Layer): Layer {
  const next: Layer = { text: '', begins: [], ends: [] };
  const put = (characters: string, from: number, to: number) => {
    next.text += characters;
    for (let n = 0; n < characters.length; n++) {
      next.begins.push(begins[from]!);
      next.ends.push(ends[to - 1]!);
    }
  };
  let done = 0;
  const keep = (until: number) => {
    for (; done < until; done++) put(text[done]!, done, done + 1);
  };
  for (const match of text.matchAll(escapes)) {
    keep(match.index);
    const { dec, hex, name, octets, unit, byte, char } = match.groups!;
    done = match.index + match[0].length;
    if (octets !== undefined) {
      let from = match.index;
      for (const character of Buffer.from(octets.replaceAll('%', ''), 'hex').toString('utf8')) {
        const to = Math.min(from + 3 * Buffer.byteLength(character), done);
        put(character, from, Math.max(to, from + 1));
        from = Math.min(to, done - 1);
      }
      continue;
    }
    const code = dec ? Number(dec) : Number.parseInt(hex ?? unit ?? byte ?? '', 16);
    const character =
      char ?? (name ? named[name.toLowerCase()]! : code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD');
    put(character, match.index, done);
  }
  keep(text.length);
  return next;
}

type Range = [from: number, to: number];

/** The positions in the original that contain pieces of secrets. */
function rangesIn({ text, begins, ends }: Layer, secrets: readonly Traces[]): Range[] {
  const small = folded(text);
  const ranges: Range[] = [];
  for (const traces of secrets)
    for (const [size, pieces] of traces)
      for (let at = 0; at + size <= small.length; at++)
        if (pieces.has(small.slice(at, at + size))) ranges.push([begins[at]!, ends[at + size - 1]!]);
  return ranges;
}

function masked(text: string, ranges: Range[]): string {
  let result = '';
  let done = 0;
  for (const [from, to] of ranges.sort((a, b) => a[0] - b[0])) {
    // Pieces overlap.
    if (from > done || result === '') result += `${text.slice(done, from)}[redacted]`;
    done = Math.max(done, to);
  }
  return result + text.slice(done);
}
