import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compiledTexts } from './compiled-texts.mjs';

/** Where `npm start` says what runs where; without it the console is served, but has nothing to show. */
const stackFile = join(
  process.env['ISTHMUS_LOCAL_DIR'] ?? join(import.meta.dirname, '../../.local'),
  'stack.json',
);

function gateway(): string {
  if (!existsSync(stackFile)) return 'http://127.0.0.1:8100';
  const { services } = JSON.parse(readFileSync(stackFile, 'utf8')) as { services: Record<string, string> };
  return services['console-gateway'] ?? 'http://127.0.0.1:8100';
}

/** What pages are made of; not what opens on a click: drawers and their forms, dialogs, menus, hints, toasts, long lists. */
const onClick =
  /react-(drawer|dialog|menu|tooltip|toast|positioning|portal|radio|accordion|textarea)\/|floating-ui|react-hook-form|virtual|src\/parts\/(form\/(form-drawer|fields|bulk-drawer|two-versions|validation|differences|open-menu|row-actions|reason-hint)|feedback\/(confirm-dialog|toast-list)|list\/virtual)/;
/** What is about one kind of thing: only the pages that show such things load it, however many they are. */
const ofThings =
  /react-progress\/|src\/(parts\/(contract|history|show\/(run-bar|texts)|subscription|sync)|texts\/(contracts|history|orders|runs|subscriptions)\.)/;
const ofPages = (id: string): boolean =>
  /fluentui|tanstack|tabster|src\/(parts|data|texts)\/|libs\/sdk|openapi-fetch|eventsource/.test(id) &&
  !onClick.test(id) &&
  !ofThings.test(id);

export default defineConfig(({ command }) => ({
  root: import.meta.dirname,
  plugins: [compiledTexts(), react()],
  resolve: { conditions: ['@isthmus/source', 'module', 'browser', 'development|production'] },
  // The gateway replaces it in every page that it sends.
  ...(command === 'build' && { html: { cspNonce: '__CSP_NONCE__' } }),
  build: {
    // What the console is tested in; a newer baseline saves nothing.
    target: 'es2023',
    manifest: true,
    // Files of their own, even small ones: the content policy allows no data: scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        // Few large files compress better than many small ones: the frame, what every page draws, and what drawers are made of.
        codeSplitting: {
          groups: [
            { name: 'frame', tags: ['$initial'], priority: 30 },
            { name: 'parts', test: ofPages, minShareCount: 4, priority: 20 },
            { name: 'drawers', test: /react-(drawer|dialog)\/|form-drawer/, minShareCount: 3, priority: 10 },
          ],
        },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    // Signed in once at the gateway's address: cookies are per host, not per port.
    ...(command === 'serve' && { proxy: { '/v1': gateway(), '/auth': gateway() } }),
  },
}));
