import { readFileSync } from 'node:fs';
import { defaultAssumptions } from './assumptions.ts';
import { conformanceSteps } from './conformance/run-conformance.ts';

const document = readFileSync(new URL('../../../docs/cmp-assumptions.md', import.meta.url), 'utf8');
const rows = document.split('\n').flatMap((line) => {
  const [, name, value, basis, settledBy] = line.split('|').map((cell) => cell.trim());
  const setting = /^`(\w+)`$/.exec(name ?? '')?.[1];
  return setting ? [{ setting, value: value!, basis: basis!, settledBy: settledBy! }] : [];
});

describe('docs/cmp-assumptions.md', () => {
  it('lists every assumption once, and no other', () => {
    expect(rows.map(({ setting }) => setting).sort()).toEqual(Object.keys(defaultAssumptions).sort());
  });

  it('tells the defaults', () => {
    for (const { setting, value } of rows) {
      const assumed = defaultAssumptions[setting as keyof typeof defaultAssumptions];
      if (Array.isArray(assumed)) continue;
      expect(`${setting} ${value}`).toBe(
        `${setting} ${typeof assumed === 'string' ? `\`${assumed}\`` : String(assumed)}`,
      );
    }
  });

  it('names conformance steps that exist, and a way for all others', () => {
    const known = [
      ...conformanceSteps.map(({ name }) => name),
      'our choice',
      "CMP's support",
      'two readings a month apart',
    ];
    for (const { settledBy } of rows) expect(known).toContain(settledBy);
    for (const { name } of conformanceSteps) expect(document).toContain(name);
  });
});
