import type { Page } from '@playwright/test';

/** 320 pixels are a page at 400 % on a usual screen; the other is 200 % of a small one. */
const small = [
  { width: 320, height: 640 },
  { width: 640, height: 400 },
] as const;

/** Where the page itself would scroll sideways. A table may, in what scrolls around it. */
export async function tooWide(page: Page): Promise<string[]> {
  const before = page.viewportSize()!;
  // Menus and hints belong to a place, which moves with the size of the page: a person who changes that has closed them.
  if ((await page.getByRole('menu').or(page.getByRole('tooltip')).count()) > 0) return [];
  const faults: string[] = [];
  for (const size of small) {
    await page.setViewportSize(size);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > size.width) faults.push(`${width} of ${size.width} pixels are used`);
  }
  await page.setViewportSize(before);
  return faults;
}

/** What goes on moving although a person has asked for less motion. Progress may: that it moves is what it says. */
export const movements = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    document
      .getAnimations()
      .filter(
        ({ playState, effect }) =>
          playState === 'running' &&
          Number(effect?.getComputedTiming().duration) > 50 &&
          !(effect as KeyframeEffect).target?.closest('[role="progressbar"]'),
      )
      .map(({ effect }) => (effect as KeyframeEffect).target?.outerHTML.slice(0, 160) ?? 'an animation'),
  );

/**
 * What cannot be told where a person's own few colours replace ours: a choice or place that looks like the others, a focus that
 * is not shown.
 */
export async function lostInForcedColours(page: Page): Promise<string[]> {
  // Colours change a frame after they were asked for.
  await page.waitForTimeout(50);
  return page.evaluate(faultsInForcedColours);
}

/** In the page. */
function faultsInForcedColours(): string[] {
  const faults: string[] = [];
  const named = (element: Element): string => element.outerHTML.slice(0, 160);
  const isSeen = (element: Element): boolean => element.checkVisibility({ visibilityProperty: true });

  // Weight is no sign by itself: in one's own font it may hardly be seen.
  const looks = (element: Element): string =>
    JSON.stringify(
      [undefined, '::before', '::after'].map((part) => {
        const style = getComputedStyle(element, part);
        const sides = (['Top', 'Right', 'Bottom', 'Left'] as const).map((side) =>
          style[`border${side}Style`] === 'none'
            ? ''
            : `${style[`border${side}Width`]} ${style[`border${side}Color`]}`,
        );
        const outline = style.outlineStyle === 'none' ? '' : `${style.outlineWidth} ${style.outlineColor}`;
        return part && style.content === 'none'
          ? ''
          : [style.color, style.backgroundColor, outline, style.textDecorationLine, style.content, ...sides];
      }),
    );
  for (const [name, chosen] of [
    ['aria-current', 'page'],
    ['aria-selected', 'true'],
    ['aria-pressed', 'true'],
  ] as const)
    for (const element of document.querySelectorAll(`[${name}="${chosen}"]`)) {
      const group = element.closest('nav, [role="tablist"], [role="listbox"], ul');
      const others = [...(group?.querySelectorAll(element.tagName) ?? [])].filter(
        (one) => isSeen(one) && one.getAttribute(name) !== chosen && !one.matches(':hover, :focus'),
      );
      if (isSeen(element) && others.some((one) => looks(one) === looks(element)))
        faults.push(`looks like the others: ${named(element)}`);
    }

  const active = document.activeElement;
  // Fluent shows it to those who use the keyboard, and marks it then.
  if (active && active.matches('[data-fui-focus-visible]:not([tabindex="-1"])') && active !== document.body) {
    // Fluent draws it around the field, and beside a box that is checked.
    const around = [
      active,
      active.parentElement,
      active.parentElement?.parentElement,
      active.nextElementSibling,
    ];
    const isShown = around.some(
      (element) =>
        element &&
        [undefined, '::before', '::after'].some((part) => {
          const style = getComputedStyle(element, part);
          if (part && style.content === 'none') return false;
          const isOutlined = style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0;
          // A link gets a second line below it.
          const isUnderlined = style.textDecorationStyle === 'double';
          return (
            isOutlined ||
            isUnderlined ||
            (part !== undefined && Number.parseFloat(style.borderBottomWidth) > 0)
          );
        }),
    );
    if (!isShown) faults.push(`has the focus, which is not shown: ${named(active)}`);
  }
  return faults;
}
