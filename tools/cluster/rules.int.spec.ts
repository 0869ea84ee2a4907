import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expressions, fetchPrometheus, readRules, testRules } from './prometheus.mjs';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const alerts = async () => (await readRules()).groups.flatMap(({ rules }) => rules);

// It is downloaded once.
beforeAll(() => fetchPrometheus(), 600_000);

it('every alert fires when it should and not before, by promtool', async () => {
  expect(await testRules()).toContain('SUCCESS');
}, 120_000);

it('every alert is tested, and would be missed if it never fired', async () => {
  const tests = read('k8s/components/monitoring/rules.test.yaml');
  for (const { alert } of await alerts()) expect(tests).toContain(`alertname: ${alert}`);
  const never = testRules((rules) => {
    for (const rule of rules.groups[0]!.rules)
      if (rule.alert === 'IsthmusRunHeld') rule.expr = 'vector(0) > 1';
    return rules;
  });
  await expect(never).rejects.toThrow();
}, 120_000);

it('every alert has a runbook, and every runbook an alert', async () => {
  const chapters = [...read('k8s/runbooks.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
  const all = await alerts();
  expect(new Set(chapters)).toEqual(new Set(all.map(({ alert }) => alert)));
  expect(chapters).toHaveLength(all.length);
  for (const { alert, annotations } of all)
    expect(annotations.runbook_url).toBe(`runbooks.md#${alert.toLowerCase()}`);
});

it('every expression is of metrics that there are', async () => {
  const page = read('docs/telemetry.md');
  const known = new Set(
    [...page.matchAll(/`((?:isthmus|http|process|v8js|nodejs)\.[\w.]+)`/g)].map(([, name]) =>
      name!.replaceAll('.', '_'),
    ),
  );
  const all = await expressions();
  expect(all.length).toBeGreaterThan(40);
  const used = all.flatMap(({ expression }) =>
    [...expression.matchAll(/\b((?:isthmus|http|process|v8js|nodejs)_\w+)(?=\{)/g)].map(([, name]) =>
      name!.replace(/_(total|bucket|count|sum)$/, ''),
    ),
  );
  expect(used.length).toBeGreaterThanOrEqual(all.length - 3);
  expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([]);
});
