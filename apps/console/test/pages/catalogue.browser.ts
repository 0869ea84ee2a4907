import { readFile } from 'node:fs/promises';
import type { Isthmus } from '@isthmus/sdk';
import { expect, test } from '../support/console.ts';
import { as, licensed } from '../support/licensed.ts';
import type { Stack } from '../support/stack.ts';

interface Waiting {
  isthmus: Isthmus;
  connectorId: string;
  partNumber: string;
  productId: string;
  cmpProductId: string;
  productName: string;
}

let made = 0;

/** A part number that is in use and mapped to nothing: the MPN of a product, but for punctuation, so that it is surely that one. */
async function waiting(stack: Stack): Promise<Waiting> {
  const { connector } = await licensed(stack);
  const isthmus = as(stack, 'operator');
  const { data } = await isthmus.get('/v1/products', {
    query: { connectorId: connector.id, vendor: 'MICROSOFT', limit: 200 },
  });
  const products = data.filter(
    ({ billingPeriod, term, mpn }) => billingPeriod && term && /:\d{4}$/.test(mpn),
  );
  const { id, cmpProductId, name, mpn, billingPeriod, term } = products[(made += 1) % products.length]!;
  // Of its own: what a file maps is mapped for every term, and stays.
  const marks = (Date.now() % 2 ** 24).toString(2).replaceAll('0', '.').replaceAll('1', '-');
  const partNumber = `INGRAM:MICROSOFT:${mpn.slice(0, -2)}${marks}${mpn.slice(-2)}-`;
  const query = { connectorId: connector.id, billingPeriod: billingPeriod!, term: term! };
  await isthmus.put('/v1/part-numbers/{partNumber}/mapping', {
    ...{ path: { partNumber }, query },
    body: { productId: null },
  });
  await isthmus.delete('/v1/part-numbers/{partNumber}/mapping', { path: { partNumber }, query });
  return {
    ...{ isthmus, connectorId: connector.id, partNumber },
    ...{ productId: id, cmpProductId: cmpProductId!, productName: name },
  };
}

test('a part number is mapped with its evidence and effect in sight, unmapped and excluded with a reason', async ({
  page,
  stack,
  audit,
}) => {
  const { partNumber, productName, productId, isthmus, connectorId } = await waiting(stack);
  await page.goto('/catalogue');
  const queue = page.getByRole('region', { name: 'To map' });
  const row = queue.getByRole('row').filter({ hasText: partNumber });
  await expect(row).toContainText(productName);
  await expect(row).toContainText('Sure');
  await audit('the queue');

  await row.getByRole('link', { name: partNumber }).click();
  const drawer = page.getByRole('dialog', { name: `Decide about ${partNumber}` });
  const best = drawer.getByRole('radiogroup', { name: 'Candidates' }).getByRole('radio').first();
  await expect(best).toBeChecked();
  await expect(
    drawer.getByText(/^score \d+ of 100 · .*same MPN but for punctuation \+35/).first(),
  ).toBeVisible();
  await expect(drawer.getByText('places 0, moves 0').first()).toBeVisible();
  await expect(drawer.getByText('Nobody has decided about it yet.')).toBeHidden();
  await expect(drawer.getByRole('button', { name: 'Exclude' })).toHaveAttribute('aria-disabled', 'true');
  await audit('a decision');
  await drawer.getByLabel('Reason').fill('The same but for a dot.');
  await drawer.getByRole('button', { name: 'Map', exact: true }).click();
  await expect(drawer).toBeHidden();
  await expect(row).toBeHidden();
  const history = async () =>
    (
      await isthmus.get('/v1/part-numbers/{partNumber}/mapping/history', {
        path: { partNumber },
        query: { connectorId },
      })
    ).data;
  expect((await history())[0]).toMatchObject({
    ...{ productId, source: 'suggestion', reason: 'The same but for a dot.' },
  });

  await page.getByRole('button', { name: /^Part numbers/ }).click();
  await page.getByRole('searchbox', { name: 'Search' }).fill(partNumber);
  const all = page.getByRole('region', { name: 'Part numbers' });
  await expect(all.getByRole('row')).toHaveCount(2);
  await expect(all.getByRole('row').nth(1)).toContainText('Mappedby a person');
  await all.getByRole('button', { name: `Actions for ${partNumber}` }).click();
  await audit('menu of a part number');
  await page.getByRole('menuitem', { name: 'Decide …' }).click();
  await expect(drawer.getByRole('list', { name: 'History' })).toContainText(
    `Mapped to ${productName}In force`,
  );
  await drawer.getByLabel('Reason').fill('It is another one after all.');
  await drawer.getByRole('button', { name: 'Unmap' }).click();
  await expect(drawer.getByRole('list', { name: 'History' })).toContainText('It is another one after all.');
  await expect(drawer.getByText('In force')).toBeHidden();
  await drawer.getByRole('button', { name: 'Exclude' }).click();
  await expect(drawer).toBeHidden();
  await expect(all.getByRole('row').nth(1)).toContainText('Excluded');
  expect((await history())[0]).toMatchObject({ excluded: true, reason: 'It is another one after all.' });
});

test('what is sure is mapped at once, after a dry run that shows what to', async ({ page, stack, audit }) => {
  const one = await waiting(stack);
  const two = await waiting(stack);
  await page.goto('/catalogue');
  await page.getByRole('button', { name: 'Map all sure suggestions …' }).click();
  const drawer = page.getByRole('dialog', { name: 'Map all sure suggestions' });
  await drawer.getByLabel('Reason').fill('Of the spring clean.');
  await drawer.getByRole('button', { name: 'Show what would happen' }).click();
  await expect(drawer.getByText('Nothing was changed yet')).toBeVisible();
  const rows = drawer.getByRole('row');
  await expect(rows.filter({ hasText: `${one.partNumber} → ${one.productName}` })).toContainText('To do');
  await audit('what would be mapped');
  const unmapped = await one.isthmus.get('/v1/part-numbers', { query: { q: one.partNumber } });
  expect(unmapped.data[0]!.state).not.toBe('mapped');
  await drawer.getByRole('button', { name: /^Map \d+/ }).click();
  await expect(rows.filter({ hasText: two.partNumber })).toContainText('Done');
  for (const { isthmus, partNumber, productId } of [one, two]) {
    const { data } = await isthmus.get('/v1/part-numbers', { query: { q: partNumber } });
    expect(data[0]).toMatchObject({ state: 'mapped', productId, decidedBy: 'mapping' });
  }
});

test('mappings go out as a file, and come in after a preview of each row', async ({ page, stack, audit }) => {
  const { partNumber, isthmus, cmpProductId, productId } = await waiting(stack);
  await page.goto('/catalogue');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export mappings' }).click();
  const exported = await readFile(await (await download).path(), 'utf8');
  expect(exported).toMatch(/^\uFEFF?part_number,/);
  expect(exported).toContain(partNumber);

  await page.getByRole('button', { name: 'Import mappings …' }).click();
  const drawer = page.getByRole('dialog', { name: 'Import mappings' });
  const preview = drawer.getByRole('button', { name: 'Show what would happen' });
  await expect(preview).toHaveAttribute('aria-disabled', 'true');
  await preview.focus();
  await expect(page.getByText('Choose a file first.')).toBeVisible();
  await audit('an import without a file');
  const lines = [
    'part_number,product_id,action,reason',
    `${partNumber},${cmpProductId},map,from a file`,
    'INGRAM:MICROSOFT:NOWHERE,no-such-product,map,',
  ];
  const file = { name: 'mappings.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) };
  await drawer.getByLabel('CSV file').setInputFiles(file);
  await preview.click();
  await expect(drawer.getByText('1 to do, 0 unchanged, 1 with errors')).toBeVisible();
  await expect(drawer.getByRole('row').filter({ hasText: 'NOWHERE' })).toContainText('no-such-product');
  await audit('a preview of a file');
  await drawer.getByRole('button', { name: /^Apply/ }).click();
  await expect(drawer.getByRole('row').filter({ hasText: partNumber })).toContainText('Done');
  const { data } = await isthmus.get('/v1/part-numbers', { query: { q: partNumber } });
  expect(data.every((one) => one.state === 'mapped' && one.productId === productId)).toBe(true);
});

test('products and prices are shown, the catalogue is read, a viewer sees what cannot be done, all at 320 pixels and in German', async ({
  page,
  stack,
  signInAs,
  audit,
}) => {
  await waiting(stack);
  await page.goto('/catalogue?tab=products&q=Business+Premium');
  const products = page.getByRole('region', { name: 'Products' });
  await expect(products.getByRole('row').nth(1)).toContainText('MICROSOFT');
  await audit('products');
  await page.getByRole('button', { name: 'Prices', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Search' }).fill('Business Premium');
  await expect(page).toHaveURL(/tab=prices.*q=Business/);
  const prices = page.getByRole('region', { name: 'Prices' });
  await expect(prices.getByRole('row').nth(1)).toContainText('Business Premium');
  await expect(prices.getByRole('row').nth(1)).toContainText(/USD\s[\d.,]+ per (month|year|\d)/);
  await prices
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Price list …' }).click();
  const list = page.getByRole('dialog', { name: /^Prices of/ });
  await expect(list.getByRole('row').nth(1)).toContainText(/USD/);
  await audit('a price list');
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await page.getByRole('searchbox', { name: 'Search' }).fill('nobody sells this');
  await expect(page.getByText('No product fits this view')).toBeVisible();
  await audit('no product');

  await page.getByRole('button', { name: 'Sync catalogue' }).click();
  await expect(page.getByText('The catalogue is being synced').first()).toBeVisible();
  await expect(page.getByText(/^Last synced (now|\d+ sec)/)).toBeVisible();

  await signInAs('viewer');
  await page.goto('/catalogue');
  for (const name of ['Map all sure suggestions …', 'Import mappings …', 'Sync catalogue'])
    await expect(page.getByRole('button', { name })).toHaveAttribute('aria-disabled', 'true');
  await page.setViewportSize({ width: 320, height: 700 });
  await expect(page.getByRole('region', { name: 'To map' }).getByRole('row').nth(1)).toBeVisible();
  const isTooWide = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  expect(isTooWide).toBe(false);
  await audit('the queue at 320 pixels');
  await page.evaluate(() => localStorage.setItem('isthmus.preferences', '{"language":"de"}'));
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Katalog' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Zuzuordnen' }).getByRole('row').nth(1)).toContainText(
    'Sicher',
  );
});

test('by keyboard alone: a part number is found, decided about and gone', async ({ page, stack }) => {
  const { partNumber } = await waiting(stack);
  await page.goto(`/catalogue?q=${encodeURIComponent(partNumber)}`);
  const link = page.getByRole('region', { name: 'To map' }).getByRole('link', { name: partNumber });
  await expect(link).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search' }).focus();
  for (let step = 0; step < 12; step += 1) {
    if (await link.evaluate((one) => one === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await expect(link).toBeFocused();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: `Decide about ${partNumber}` });
  await expect(drawer.getByRole('radio').first()).toBeChecked();
  const map = drawer.getByRole('button', { name: 'Map', exact: true });
  for (let step = 0; step < 12; step += 1) {
    if (await map.evaluate((one) => one === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await expect(drawer).toBeHidden();
  await expect(link).toBeHidden();
});
