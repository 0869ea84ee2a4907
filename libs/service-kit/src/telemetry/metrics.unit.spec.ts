import { readFileSync } from 'node:fs';
import { messagingAttributes, messagingMetrics } from '@isthmus/messaging';
import { attributes, metricNames } from './metrics.ts';

const page = readFileSync(new URL('../../../../docs/telemetry.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `([^`]+)`\s*\|/gm)].map(([, name]) => name);

const ours = (names: object) => Object.values(names).filter((name) => String(name).startsWith('isthmus.'));
const known = [
  ...ours(attributes),
  ...ours(messagingAttributes),
  ...Object.keys(metricNames),
  ...Object.values(messagingMetrics),
];

it('docs/telemetry.md describes every attribute and metric', () => {
  expect(known.filter((name) => !rows.includes(name))).toEqual([]);
});

it('docs/telemetry.md describes nothing that does not exist', () => {
  const described = rows.filter((name) => /^(isthmus|http\.server)\./.test(name ?? ''));
  expect(described.filter((name) => !known.includes(name))).toEqual([]);
});
