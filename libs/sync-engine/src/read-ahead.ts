/** Lets `source` run up to `ahead` items before its reader, so that fetching and writing overlap while memory stays flat. */
export async function* readAhead<T, R>(source: AsyncGenerator<T, R>, ahead: number): AsyncGenerator<T, R> {
  const next = () => {
    const step = source.next();
    step.catch(() => undefined);
    return step;
  };
  // A generator queues its next() calls, so asking early is all it takes.
  const asked = Array.from({ length: ahead }, next);
  try {
    for (;;) {
      const step = await asked.shift()!;
      if (step.done) return step.value;
      asked.push(next());
      yield step.value;
    }
  } finally {
    await source.return(undefined as R).catch(() => undefined);
  }
}
