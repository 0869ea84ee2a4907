import { writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test } from './support/console.ts';

const rounds = 15;

/** What `npm run bench console` measures on a platform with 10,000 accounts; written to the file that `SPEED` names. */
test('how long a list takes, and what a click shows', async ({ page }) => {
  const shown: number[] = [];
  const scrolled: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await page.goto('/');
    const link = page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Accounts' });
    await expect(link).toBeVisible();
    await page.waitForLoadState('networkidle');
    shown.push(await untilRows(page, () => link.click()));
    scrolled.push(await scrollOnce(page));
  }
  const clicks = await feedback(page);
  const first: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    await page.goto('/accounts');
    await page.getByRole('row').nth(1).waitFor();
    first.push(performance.now() - begun);
  }
  writeFileSync(process.env['SPEED']!, JSON.stringify({ shown, scrolled, clicks, first }));
});

/** From a click to its first rows, in ms. */
async function untilRows(page: Page, click: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await click();
  await page.getByRole('row').nth(1).waitFor();
  return performance.now() - begun;
}

/** From scrolling to the end of what is loaded until more is shown there, in ms. */
async function scrollOnce(page: Page): Promise<number> {
  // What draws a part of a long list comes with the first of them; until then its first hundred rows are drawn.
  await expect(page.getByRole('row')).not.toHaveCount(101);
  const last = page.getByRole('row').last();
  const before = Number(await last.getAttribute('aria-rowindex'));
  const begun = performance.now();
  await last.scrollIntoViewIfNeeded();
  await expect
    .poll(async () => Number(await page.getByRole('row').last().getAttribute('aria-rowindex')), {
      intervals: [10],
    })
    .toBeGreaterThan(before);
  return performance.now() - begun;
}

/** From a click to the frame that shows what it did, in ms, as the browser itself measures it (in steps of 8 ms). */
async function feedback(page: Page): Promise<number[]> {
  await page.evaluate(() => {
    const seen: number[] = ((globalThis as { seen?: number[] }).seen = []);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { interactionId: number })[])
        if (entry.name === 'click' && entry.interactionId) seen.push(entry.duration);
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  });
  let made = 0;
  const click = async (name: RegExp, role: 'button' | 'menuitem' | 'checkbox'): Promise<void> => {
    await page.getByRole(role, { name }).first().click();
    made += 1;
  };
  for (let round = 0; round < rounds; round += 1) {
    await click(/^Unlinked/, 'button');
    await page.getByRole('row').nth(1).waitFor();
    await click(/^Choose|^Select/, 'checkbox');
    await click(/^Actions for/, 'button');
    await click(/^Link/, 'menuitem');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    made += 1;
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await click(/^All/, 'button');
  }
  const slow = await page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);
  // Those that took less than 16 ms are not reported.
  return [...slow, ...Array.from({ length: Math.max(0, made - slow.length) }, () => 16)];
}
