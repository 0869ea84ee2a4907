import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

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

export default defineConfig(({ command }) => ({
  root: import.meta.dirname,
  plugins: [react()],
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
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    // Signed in once at the gateway's address: cookies are per host, not per port.
    proxy: command === 'serve' ? { '/v1': gateway(), '/auth': gateway() } : {},
  },
}));
