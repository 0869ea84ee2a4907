interface Page {
  nextCursor?: string;
}

/** Reads a paged response to its end; most have one page. */
export async function allPages<P extends Page, T>(
  readPage: (cursor: string | undefined) => Promise<P>,
  itemsIn: (page: P) => readonly T[],
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage(cursor);
    items.push(...itemsIn(page));
    cursor = page.nextCursor;
  } while (cursor);
  return items;
}
