import { expect, type Locator, type Page } from '@playwright/test';

const mostStops = 250;

/** What a key does next on the way from where the focus is to an element. */
type Step = 'there' | 'Tab' | 'Shift+Tab' | 'ArrowDown' | 'ArrowRight';

/** Of Playwright's class, whose methods use the mouse or put the focus where a test wants it. */
type Acts = Pick<
  Locator,
  'click' | 'fill' | 'check' | 'uncheck' | 'selectOption' | 'focus' | 'press' | 'pressSequentially' | 'hover'
>;

/**
 * Takes the mouse away from every test of this process: what they click, choose or fill in, is reached by Tab, and by arrow keys in
 * menus, tabs and choices of one, as a person would. What cannot be reached fails.
 */
export function withoutMouse(page: Page): void {
  const acts = Object.getPrototypeOf(page.locator('body')) as Acts;
  const { evaluate } = page.locator('body');
  const stepTo = (locator: Locator): Promise<Step> => evaluate.call(locator, nextStep) as Promise<Step>;

  const reach = async (locator: Locator): Promise<void> => {
    await expect(locator).toBeVisible();
    for (let stops = 0; stops < mostStops; stops += 1) {
      const step = await stepTo(locator);
      if (step === 'there') return;
      await locator.page().keyboard.press(step);
    }
    throw new Error(`${String(locator)} cannot be reached by keyboard.`);
  };
  const pressIn = async (locator: Locator, key: string): Promise<void> => {
    await reach(locator);
    await locator.page().keyboard.press(key);
  };
  /** Part by part, as the field shows them: the order of the parts and the clock are those of the browser's language. */
  const typeDate = async (locator: Locator, text: string): Promise<void> => {
    const { keyboard } = locator.page();
    for (const parts of waysToType(text)) {
      for (let left = 0; left < 7; left += 1) await keyboard.press('ArrowLeft');
      for (const part of parts) await keyboard.type(part);
      if ((await locator.inputValue()) === text) return;
    }
    throw new Error(`${String(locator)} is ${await locator.inputValue()}, not ${text}.`);
  };
  const typeIn = async (locator: Locator, text: string): Promise<void> => {
    if (/^(date|datetime-local)$/.test((await locator.getAttribute('type')) ?? '')) {
      await reach(locator);
      return typeDate(locator, text);
    }
    await pressIn(locator, 'Control+a');
    await locator.page().keyboard.press('Delete');
    await locator.page().keyboard.type(text);
  };

  acts.focus = function (this: Locator) {
    return reach(this);
  };
  acts.hover = function (this: Locator) {
    return reach(this);
  };
  acts.press = function (this: Locator, key) {
    return pressIn(this, key);
  };
  acts.pressSequentially = async function (this: Locator, text) {
    await reach(this);
    await this.page().keyboard.type(text);
  };
  acts.fill = function (this: Locator, text) {
    return typeIn(this, text);
  };
  acts.click = async function (this: Locator) {
    await reach(this);
    const key = (await evaluate.call(this, keyFor)) as string | undefined;
    if (key) await this.page().keyboard.press(key);
  };
  acts.check = async function (this: Locator) {
    await reach(this);
    if (!(await this.isChecked())) await this.page().keyboard.press('Space');
    await expect(this).toBeChecked();
  };
  acts.uncheck = async function (this: Locator) {
    await reach(this);
    if (await this.isChecked()) await this.page().keyboard.press('Space');
    await expect(this).not.toBeChecked();
  };
  acts.selectOption = async function (this: Locator, wanted) {
    await reach(this);
    const distance = (await evaluate.call(this, distanceTo, wanted)) as number;
    for (let left = Math.abs(distance); left > 0; left -= 1)
      await this.page().keyboard.press(distance > 0 ? 'ArrowDown' : 'ArrowUp');
    return [];
  };
}

/** Of `2027-05-01` or `2027-05-01T08:00`. */
function waysToType(text: string): string[][] {
  const [year, month, day, hour, minute] = text.split(/[-T:]/) as [string, string, string, string?, string?];
  const days = [
    [day, month],
    [month, day],
  ];
  if (hour === undefined || minute === undefined) return days.map((first) => [...first, year]);
  const ofTwelve = String(Number(hour) % 12 || 12).padStart(2, '0');
  const times = [
    [hour, minute],
    [ofTwelve, minute, Number(hour) < 12 ? 'a' : 'p'],
  ];
  // A year may have six digits there.
  return days.flatMap((first) => times.map((time) => [...first, year.padStart(6, '0'), ...time]));
}

/** In the page. What a person would go to: the element, the one around it, or the one that its label is of. */
function nextStep(element: Element): Step {
  const usable = 'a[href], button, input, select, textarea, summary, [tabindex]';
  const target = element.closest('label')?.control ?? element.closest<HTMLElement>(usable) ?? element;
  const active = document.activeElement;
  if (active === target) return 'there';
  const together = (role: string): boolean => {
    const group = target.closest(role);
    return group !== null && group.contains(active);
  };
  if (together('[role="menu"]')) return 'ArrowDown';
  if (target.matches('[role="tab"]') && together('[role="tablist"]')) return 'ArrowRight';
  if (
    target.matches('[type="radio"]') &&
    active?.matches('[type="radio"]') &&
    together('[role="radiogroup"]')
  )
    return 'ArrowDown';
  // As a person sees it: what is further up is nearer the other way.
  const isBefore =
    active !== null &&
    active !== document.body &&
    (active.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING) !== 0;
  return isBefore ? 'Shift+Tab' : 'Tab';
}

/** In the page. Arrows choose the radio button that they go to, Tab does not; a checkbox takes Space, everything else Enter. */
function keyFor(element: Element): string | undefined {
  const active = document.activeElement;
  if (active?.matches('input[type="radio"]')) return active.matches(':checked') ? undefined : 'Space';
  if (active?.matches('input[type="checkbox"], [role="checkbox"], [role="switch"]')) return 'Space';
  if (active?.matches('input, textarea, select') && element.contains(active)) return undefined;
  return 'Enter';
}

/** In the page. How many choices further a value or label is. */
function distanceTo(element: Element, wanted: unknown): number {
  const select = element as HTMLSelectElement;
  const { value, label, index } = (
    typeof wanted === 'string' ? { value: wanted, label: wanted } : wanted
  ) as {
    value?: string;
    label?: string;
    index?: number;
  };
  const at = [...select.options].findIndex(
    (option) => option.value === value || option.label === label || option.index === index,
  );
  if (at < 0) throw new Error(`There is no choice ${JSON.stringify(wanted)}.`);
  return at - select.selectedIndex;
}

/** Presses Tab until what has the focus is called so. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let stops = 0; stops < 60; stops += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
    );
    if (focused === name) return;
  }
  throw new Error(`"${name}" cannot be reached by Tab.`);
}
