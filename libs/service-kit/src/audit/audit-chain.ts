import { canonicalHash } from '@isthmus/domain';

/** An entry as it is hashed: every column, as a string. */
export interface EntryText {
  position: number;
  tenantId: string;
  time: string;
  subject: string;
  channel: string;
  role: string | null;
  action: string;
  thingType: string;
  thingId: string;
  before: string | null;
  after: string | null;
  reason: string | null;
  correlationId: string;
}

/** The position of an entry in the chain of its tenant, and the hashes that bind it. */
export interface ChainLink {
  tenantId: string;
  sequence: number;
  position: number;
  previousHash: string;
  hash: string;
  sealedAt: string;
}

/** The end of a chain, as it was published. */
export interface ChainHead {
  sequence: number;
  hash: string;
}

/** The hash before the first entry. */
export const beginning: ChainHead = { sequence: 0, hash: '' };

/**
 * SHA-256 over the service, the link and all of its entry, in base64url. The link has the hash of the one before, so that a hash vouches
 * for all that came before it.
 */
export const linkHash = (service: string, link: Omit<ChainLink, 'hash'>, entry: EntryText): string =>
  canonicalHash([
    'isthmus audit 1',
    service,
    link.tenantId,
    link.sequence,
    link.position,
    link.previousHash,
    link.sealedAt,
    entry.position,
    entry.tenantId,
    entry.time,
    entry.subject,
    entry.channel,
    entry.role,
    entry.action,
    entry.thingType,
    entry.thingId,
    entry.before,
    entry.after,
    entry.reason,
    entry.correlationId,
  ]);

/** Appends entries to the chains of their tenants, in the order given; `heads` has the ends so far. */
export function appendToChains(
  service: string,
  entries: readonly EntryText[],
  heads: ReadonlyMap<string, ChainHead>,
  now: Date,
): ChainLink[] {
  const ends = new Map(heads);
  return entries.map((entry) => {
    const { tenantId, position } = entry;
    const end = ends.get(tenantId) ?? beginning;
    const place = {
      tenantId,
      sequence: end.sequence + 1,
      position,
      previousHash: end.hash,
      sealedAt: now.toISOString(),
    };
    const link = { ...place, hash: linkHash(service, place, entry) };
    ends.set(tenantId, link);
    return link;
  });
}

/** A fault in a chain. */
export interface ChainFault {
  tenantId: string;
  /** Sequence of the first link that shows it; 0 if it does not concern a link. */
  sequence: number;
  fault:
    | 'changed' // the entry or its link is not what was sealed
    | 'entry-missing' // the link's entry is gone
    | 'gap' // a link is missing, doubled or at another's place
    | 'not-bound' // it does not follow on the link before
    | 'not-sealed' // an entry that has no link, where each must have one
    | 'tail-missing' // more entries were published than there are
    | 'head-differs' // what was published is not what is there
    | 'not-published'; // no end was published for long
  detail: string;
}

/** A link with its entry, if that is still there; what a reader of a chain hands over, in order of `sequence`. */
export interface ReadLink {
  link: ChainLink;
  entry: EntryText | null;
}

/**
 * Verifies the chain of one tenant, one link after the other, so that a chain of any length can be read in pieces. Needs no key:
 * an attacker who can rewrite everything after some link can make the chain consistent, but cannot change the published heads
 * stored by other services.
 */
export class ChainVerifier {
  readonly faults: ChainFault[] = [];
  readonly #heads: Map<number, Set<string>>;
  #end = beginning;
  #lastHead: ChainHead = beginning;
  #lastDue = 0;

  /**
   * @param heads all known heads of this tenant's chain, in any order
   * @param publishedBy entries sealed before this time must have been published; not checked if absent
   */
  constructor(
    private readonly service: string,
    private readonly tenantId: string,
    heads: Iterable<ChainHead>,
    private readonly publishedBy?: string,
  ) {
    this.#heads = new Map();
    for (const head of heads) {
      const known = this.#heads.get(head.sequence);
      if (known) known.add(head.hash);
      else this.#heads.set(head.sequence, new Set([head.hash]));
      if (head.sequence > this.#lastHead.sequence) this.#lastHead = head;
    }
  }

  take({ link, entry }: ReadLink): void {
    const { sequence, hash } = link;
    const expected = this.#end.sequence + 1;
    if (sequence !== expected)
      this.#fault(sequence, 'gap', `Entry ${expected} should come next, and ${sequence} does.`);
    else if (link.previousHash !== this.#end.hash)
      this.#fault(sequence, 'not-bound', 'It does not have the hash of the entry before it.');
    if (!entry) this.#fault(sequence, 'entry-missing', `The entry at position ${link.position} is missing.`);
    else if (linkHash(this.service, link, entry) !== hash)
      this.#fault(sequence, 'changed', 'The entry, or its place in the chain, differs from what was sealed.');
    const published = this.#heads.get(sequence);
    if (published && (published.size > 1 || !published.has(hash)))
      this.#fault(sequence, 'head-differs', 'The hash that was published for this entry is another one.');
    if (this.publishedBy !== undefined && link.sealedAt < this.publishedBy) this.#lastDue = sequence;
    this.#end = { sequence, hash };
  }

  /** Reports an entry of the tenant without a link, although links of later entries exist. */
  takeUnsealed(entry: Pick<EntryText, 'position' | 'time'>): void {
    this.#fault(0, 'not-sealed', `The entry at position ${entry.position} (${entry.time}) is in no chain.`);
  }

  /** Must be called after the last link; returns all faults. */
  finish(): ChainFault[] {
    const { sequence } = this.#lastHead;
    if (sequence > this.#end.sequence)
      this.#fault(
        sequence,
        'tail-missing',
        `The chain was published up to entry ${sequence}, and ends with entry ${this.#end.sequence}.`,
      );
    if (this.#lastDue > sequence)
      this.#fault(this.#lastDue, 'not-published', `No end after that of entry ${sequence} was published.`);
    return this.faults;
  }

  #fault(sequence: number, fault: ChainFault['fault'], detail: string): void {
    this.faults.push({ tenantId: this.tenantId, sequence, fault, detail });
  }
}
