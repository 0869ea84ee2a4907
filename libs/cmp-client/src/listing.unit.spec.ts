import {
  type ListingCheckpoint,
  type ListingOptions,
  type ListingProof,
  type ListingStep,
  type ListPage,
  readListing,
} from './listing.ts';

/** A list at CMP, newest first, that changes between the pages. */
class ChangingList {
  calls = 0;
  next: number;
  ids: string[];

  constructor(
    size: number,
    private readonly between: (list: ChangingList) => void = () => undefined,
    private readonly cap = 500,
  ) {
    this.next = size;
    this.ids = Array.from({ length: size }, (_, i) => String(size - 1 - i));
  }

  insert(count: number): void {
    for (let i = 0; i < count; i++) this.ids.unshift(String(this.next++));
  }

  remove(from: number, count: number): string[] {
    return this.ids.splice(from, count);
  }

  page = (offset: number, limit: number): Promise<ListPage<{ id: string }>> => {
    this.calls++;
    const used = Math.min(limit, this.cap);
    const ids = this.ids.slice(offset, offset + used);
    const records = ids.map((id) => ({ ok: true as const, id, value: { id }, raw: { id } }));
    const page = { records, total: this.ids.length, offset, limit: used };
    this.between(this);
    return Promise.resolve(page);
  };
}

async function read(
  page: ChangingList['page'],
  options?: ListingOptions,
): Promise<{ ids: string[]; proof: ListingProof; steps: ListingStep<{ id: string }>[] }> {
  const steps: ListingStep<{ id: string }>[] = [];
  const listing = readListing(page, options);
  for (;;) {
    const { value, done } = await listing.next();
    if (done)
      return { ids: steps.flatMap(({ records }) => records.map(({ id }) => id!)), proof: value, steps };
    steps.push(value);
  }
}

const sorted = (ids: Iterable<string>) => [...ids].sort();

describe('readListing of a list at rest', () => {
  it.each([0, 1, 10, 11, 499, 500, 501, 990, 991, 1000, 10_000])(
    'reads each of %i rows once and proves it',
    async (size) => {
      const list = new ChangingList(size);
      const { ids, proof } = await read(list.page);
      expect(ids).toEqual(list.ids);
      expect(proof).toMatchObject({
        complete: true,
        reasons: [],
        rows: size,
        totalFirst: size,
        totalLast: size,
        repeats: 0,
      });
    },
  );

  it('calls CMP at most 5 % more often than pages without overlap would', async () => {
    for (const size of [10_000, 50_000, 100_000]) {
      const list = new ChangingList(size);
      await read(list.page, { ahead: 2 });
      expect(list.calls).toBeLessThanOrEqual(Math.ceil(size / 500) * 1.05);
    }
  });

  it('steps by what CMP gives when its pages are smaller than asked', async () => {
    const list = new ChangingList(1000, undefined, 100);
    const { ids, proof } = await read(list.page);
    expect(ids).toEqual(list.ids);
    expect(proof.complete).toBe(true);
  });

  it('goes on from any checkpoint, which is plain JSON, without missing or repeating a row', async () => {
    const list = new ChangingList(2345);
    const { steps } = await read(list.page);
    for (const [index, { checkpoint }] of steps.entries()) {
      const from = JSON.parse(JSON.stringify(checkpoint)) as ListingCheckpoint;
      const rest = await read(list.page, { from });
      const before = steps.slice(0, index + 1).flatMap(({ records }) => records.map(({ id }) => id!));
      expect([...before, ...rest.ids]).toEqual(list.ids);
      expect(rest.proof).toMatchObject({ complete: true, rows: 2345 });
    }
  });

  it('keeps a checkpoint small, however long the list', async () => {
    const { steps } = await read(new ChangingList(20_000).page);
    expect(Math.max(...steps.map(({ checkpoint }) => JSON.stringify(checkpoint).length))).toBeLessThan(1000);
  });

  it('stops after as many pages as allowed and does not call that complete', async () => {
    const list = new ChangingList(5000);
    const { proof } = await read(list.page, { maxPages: 3 });
    expect(list.calls).toBe(3);
    expect(proof).toMatchObject({
      complete: false,
      reasons: expect.arrayContaining(['stopped after 3 pages']),
    });
  });
});

describe('readListing of a list that changes', () => {
  it('misses no row that was there all the time while rows come and go, and knows its repeats', async () => {
    let seed = 1;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 150; round++) {
      const gone = new Set<string>();
      const list = new ChangingList(1000 + random(4000), (changing) => {
        if (random(3) === 0) changing.insert(random(40));
        if (random(3) === 0)
          changing.remove(random(changing.ids.length), random(9)).forEach((id) => gone.add(id));
      });
      const before = [...list.ids];
      const { ids, proof } = await read(list.page, { ahead: (round % 3) as 0 | 1 | 2 });
      const stayed = before.filter((id) => !gone.has(id));
      const seen = new Set(ids);
      if (proof.complete) expect(stayed.filter((id) => !seen.has(id))).toEqual([]);
      expect(seen.size).toBe(ids.length);
    }
  });

  it.each([11, 60, 400])(
    'finds the place again when %i rows at once go from the pages read',
    async (count) => {
      let pages = 0;
      const list = new ChangingList(3000, (changing) => {
        if (++pages === 3) changing.remove(100, count);
      });
      const { ids, proof } = await read(list.page, { ahead: 0 });
      expect(proof).toMatchObject({ complete: true, reasons: [] });
      expect(ids).toEqual(sorted(ids).sort((a, b) => Number(b) - Number(a)));
      expect(new Set([...list.ids, ...ids]).size).toBe(3000);
      expect(list.ids.every((id) => ids.includes(id))).toBe(true);
    },
  );

  it('finds the place again when more rows than a page come at once', async () => {
    let pages = 0;
    const list = new ChangingList(3000, (changing) => {
      if (++pages === 3) changing.insert(700);
    });
    const before = [...list.ids];
    const { ids, proof } = await read(list.page, { ahead: 0 });
    expect(proof.complete).toBe(true);
    expect(before.every((id) => ids.includes(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect(proof).toMatchObject({ rows: 3000, repeats: 700 });
  });
});

describe('readListing of a list that misbehaves', () => {
  it('does not call a listing complete whose pages repeat for ever', async () => {
    const list = new ChangingList(3000);
    const { proof } = await read((_, limit) => list.page(0, limit));
    expect(proof.complete).toBe(false);
    expect(list.calls).toBeLessThan(12);
  });

  it('asks once more for a page that is short, and reports it when it stays short', async () => {
    const list = new ChangingList(3000);
    let short = 1;
    const once = await read((offset, limit) =>
      list.page(offset, offset === 980 && short-- > 0 ? 300 : limit).then((page) => ({ ...page, limit })),
    );
    expect(once.proof).toMatchObject({ complete: true, rows: 3000 });

    const always = await read((offset, limit) =>
      list
        .page(offset, limit)
        .then((page) => ({ ...page, records: offset === 980 ? page.records.slice(0, 300) : page.records })),
    );
    expect(always.proof.complete).toBe(false);
    expect(always.proof.reasons[0]).toBe('a page at offset 980 had 300 rows, but 500 were promised');
    expect(always.ids).toEqual(list.ids);
  });

  it('does not stop at a total that is too small while rows keep coming', async () => {
    const list = new ChangingList(3000);
    const { ids } = await read((offset, limit) =>
      list.page(offset, limit).then((page) => ({ ...page, total: 700 })),
    );
    expect(ids).toEqual(list.ids);
  });

  it('is not complete when a row is left out in the middle', async () => {
    const list = new ChangingList(2000);
    const hole = await read((offset, limit) =>
      list
        .page(offset, limit)
        .then((page) => ({ ...page, records: page.records.filter(({ id }) => id !== '700') })),
    );
    expect(hole.proof.complete).toBe(false);
  });

  it('hands records that cannot be read on to the caller, and passes failures on', async () => {
    const broken = { ok: false as const, raw: {}, field: 'id', reason: 'expected an id, found nothing' };
    const { steps, proof } = await read(
      () => Promise.resolve({ records: [broken], total: 1, offset: 0, limit: 500 }) as never,
    );
    expect(steps[0]!.records).toEqual([broken]);
    expect(proof.complete).toBe(true);
    await expect(read(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
  });
});
