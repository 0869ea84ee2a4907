import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

// Lets this process, or one started with `--import` of this file, load TypeScript with decorators, and the packages of
// this repository from their sources.

const swcrc = JSON.parse(readFileSync(new URL('../../../.swcrc', import.meta.url), 'utf8'));

/** By the URL of a file, for the lines in stack traces. */
export const sourceMaps = new Map();

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('@isthmus/')
      ? next(specifier, { ...context, conditions: ['@isthmus/source', ...context.conditions] })
      : next(specifier, context),
  load: (url, context, next) => {
    if (!/^file:.*\.ts(\?|$)/.test(url)) return next(url, context);
    const filename = fileURLToPath(url);
    const { code, map } = transformSync(readFileSync(filename, 'utf8'), { ...swcrc, swcrc: false, filename });
    sourceMaps.set(url, `data:application/json;base64,${Buffer.from(map).toString('base64')}`);
    return { format: 'module', source: code, shortCircuit: true };
  },
});
