import type { ListPage } from './list-page.ts';

/** Pages that were asked for before they are needed, by offset. */
export class PagesAhead<T> {
  private readonly asked = new Map<number, Promise<ListPage<T>>>();

  constructor(private readonly fetch: (offset: number) => Promise<ListPage<T>>) {}

  prepare(offsets: number[]): void {
    for (const offset of offsets) {
      if (this.asked.has(offset)) continue;
      const page = this.fetch(offset);
      // Nobody may come for it; whoever does gets the rejection from the promise itself.
      page.catch(() => undefined);
      this.asked.set(offset, page);
    }
  }

  /** The page at `offset`. Pages asked for elsewhere are forgotten when it is not among them. */
  take(offset: number): Promise<ListPage<T>> {
    const page = this.asked.get(offset);
    if (!page) {
      this.drop();
      return this.fetch(offset);
    }
    this.asked.delete(offset);
    return page;
  }

  drop(): void {
    this.asked.clear();
  }
}
