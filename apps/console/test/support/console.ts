import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type BrowserContext, type Cookie, type Page } from '@playwright/test';
import { lostInForcedColours, movements, tooWide } from './appearance.ts';
import { withoutMouse } from './keyboard.ts';
import { readStack, type Stack } from './stack.ts';

type Role = 'viewer' | 'finance' | 'operator' | 'admin';

type TakeBack = () => Promise<unknown>;
export type Fault = (body: object) => Promise<TakeBack>;

interface Fixtures {
  /** Looks for everything that axe finds, dark as well as light; and for what is lost in forced colours or when there is little room. */
  audit: (state: string) => Promise<void>;
  /** What the simulated CMP does wrong until that is taken back, or the test ends: another must not meet it. */
  fault: Fault;
  /** Who uses the page from its next request on; an admin, unless a test says otherwise. */
  signInAs: (role: Role) => Promise<void>;
}
export interface WorkerFixtures {
  /** Everything is done by keyboard alone. */
  byKeyboard: boolean;
  /** Whether each state is judged by axe. */
  audits: boolean;
  stack: Stack;
  /** The console's session of a role, from a sign-in by the button page of the local identity provider. */
  sessionOf: (role: Role) => Promise<Cookie>;
}

/** A browser at the console's own address. A page that breaks the content policy, or fails by itself, fails its test. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  byKeyboard: [false, { scope: 'worker', option: true }],
  audits: [true, { scope: 'worker', option: true }],
  stack: [async ({}, use) => use(readStack()), { scope: 'worker' }],
  sessionOf: [
    async ({ browser, stack }, use) => {
      const known = new Map<Role, Cookie>();
      await use(async (role) => {
        const session = known.get(role) ?? (await signedIn(await browser.newContext(), stack, role));
        known.set(role, session);
        return session;
      });
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ stack }, use) => use(stack.services['console-gateway']),
  fault: async ({ stack }, use) => {
    const url = `${stack.simulator.control}/faults`;
    const armed: TakeBack[] = [];
    await use(async (body) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`The simulator did not accept the fault: ${await answer.text()}`);
      const { id } = (await answer.json()) as { id: string };
      const takeBack = () => fetch(`${url}/${id}`, { method: 'DELETE' });
      armed.push(takeBack);
      return takeBack;
    });
    for (const takeBack of armed) await takeBack();
  },
  signInAs: async ({ context, sessionOf }, use) =>
    use(async (role) => context.addCookies([await sessionOf(role)])),
  page: async ({ page, signInAs, byKeyboard }, use) => {
    if (byKeyboard) withoutMouse(page);
    await signInAs('admin');
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy|Warning:|Uncaught/.test(message.text())) faults.push(message.text());
    });
    await use(page);
    expect(faults, 'what the page itself did wrong').toEqual([]);
  },
  audit: async ({ page, audits }, use) =>
    use(async (state) => {
      if (!audits) return;
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await settled(page);
        const found = await findings(page);
        expect(found, `${state}, ${colorScheme}`).toEqual([]);
      }
      await page.emulateMedia({ colorScheme: 'light' });
      await expect
        .poll(() => movements(page), { message: `${state}, reduced motion`, timeout: 10_000 })
        .toEqual([]);
      await page.emulateMedia({ forcedColors: 'active' });
      await expect
        .poll(() => lostInForcedColours(page), { message: `${state}, forced colours`, timeout: 10_000 })
        .toEqual([]);
      await page.emulateMedia({ forcedColors: 'none' });
      await expect
        .poll(() => tooWide(page), { message: `${state}, little room`, timeout: 10_000 })
        .toEqual([]);
    }),
});

async function signedIn(context: BrowserContext, stack: Stack, role: Role): Promise<Cookie> {
  const page = await context.newPage();
  await page.goto(`${stack.services['console-gateway']}/auth/login?back=/`);
  await pressPerson(page, role);
  await page.waitForURL(`${stack.services['console-gateway']}/**`);
  const session = (await context.cookies()).find(({ name }) => name === 'isthmus_session');
  await context.close();
  if (!session) throw new Error(`The console gave ${role} no session.`);
  return session;
}

/** For the documentation: writes what is shown now, if `PICTURES` names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['PICTURES'];
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** The one click of a local sign-in. */
export const pressPerson = (page: Page, role: Role): Promise<void> =>
  page.getByRole('button', { name: `Contoso CSP: ${role}` }).click();

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
