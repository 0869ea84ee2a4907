import type { AddressInfo } from 'node:net';
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';
import { serveConsole } from './server.ts';
import { readStack, type Stack } from './stack.ts';

interface Fixtures {
  /** Looks for everything that axe finds; dark as well as light. */
  audit: (state: string) => Promise<void>;
}
interface WorkerFixtures {
  stack: Stack;
  address: string;
}

/** A browser in front of the built console. A page that breaks the content policy, or fails by itself, fails its test. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  stack: [async ({}, use) => use(readStack()), { scope: 'worker' }],
  address: [
    async ({ stack }, use) => {
      const server = serveConsole(stack);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ address }, use) => use(address),
  page: async ({ page }, use) => {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy|Warning:|Uncaught/.test(message.text())) faults.push(message.text());
    });
    await use(page);
    expect(faults, 'what the page itself did wrong').toEqual([]);
  },
  audit: async ({ page }, use) =>
    use(async (state) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await settled(page);
        const found = await findings(page);
        expect(found, `${state}, ${colorScheme}`).toEqual([]);
      }
      await page.emulateMedia({ colorScheme: 'light' });
    }),
});

/** Colours change a moment after they were asked for. */
async function settled(page: Page): Promise<void> {
  await page.waitForTimeout(400);
}

async function findings(page: Page): Promise<string[]> {
  const isMenuOpen = (await page.getByRole('menu').count()) > 0;
  const builder = new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    // Stops that move the focus on; a known false finding (tabster#288).
    .exclude('[data-tabster-dummy]');
  // What lies half under an open menu is not to be used then.
  if (isMenuOpen) builder.include('[role="menu"]');
  const { violations } = await builder.analyze();
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`,
  );
}

export { expect };
