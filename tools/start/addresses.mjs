import { paths } from './paths.mjs';

/** Where things are, for a person. */
export function addresses(stack) {
  const [[tenant, tokens]] = Object.entries(stack.tokens);
  const rows = [
    ...Object.entries(stack.services).map(([name, address]) => [
      name,
      name.endsWith('-worker') ? address : `${address}/docs`,
    ]),
    ...(stack.simulator ? [['CMP simulator', stack.simulator.apiUrl]] : []),
    ['NATS', stack.nats],
    ...Object.values(stack.postgres).map((address) => ['PostgreSQL', address]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, address]) => `  ${name.padEnd(width)}  ${address}`),
    '',
    `  A token of tenant ${tenant} (admin; more in ${paths.stack}):`,
    `  ${tokens.admin}`,
    '',
  ].join('\n');
}
