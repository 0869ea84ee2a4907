type End = () => unknown;

const endings: End[] = [];

/** To be ended when the benchmark is over, also when a signal ends it early; the last first. */
export function atEnd(end: End): void {
  endings.push(end);
}

/** Ends everything there is to end. */
export async function endAll(): Promise<void> {
  for (let end = endings.pop(); end; end = endings.pop()) await end();
}
