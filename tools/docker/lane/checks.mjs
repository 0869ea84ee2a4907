/** Ends a lane whose next checks could not pass either. */
export class Stopped extends Error {}

/**
 * Runs checks one after the other, says what came of each, and counts.
 * @param {(line: string) => void} say
 * @param {() => Promise<string>} [helps] what helps to see why one failed
 */
export function checks(say, helps) {
  const result = { passed: 0, failed: 0 };
  const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);
  return {
    result,
    /**
     * Those after it go on when it fails, unless it is vital.
     * @param {string} what
     * @param {() => Promise<string | void>} work what it returns is said
     */
    async check(what, work, { vital = false } = {}) {
      const started = Date.now();
      try {
        const said = await work();
        result.passed += 1;
        say(`✓ ${what} (${seconds(started)} s)${said ? `: ${said}` : ''}`);
      } catch (error) {
        result.failed += 1;
        say(`✗ ${what} (${seconds(started)} s): ${error.message}`);
        if (error.stderr) say(String(error.stderr).slice(-3_000));
        if (helps) say(await helps().catch((reason) => reason.message));
        if (vital) throw new Stopped();
      }
    },
  };
}

/** What a check is about: throws what is wrong. */
export function must(condition, message) {
  if (!condition) throw new Error(message);
}
