import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const usualPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine: CHROMIUM_BIN, or one in a usual place; undefined if there is none. */
export const chromiumPath = () =>
  [process.env.CHROMIUM_BIN, ...usualPlaces].find((path) => path && existsSync(path));

/**
 * Installs Debian's chromium where that is possible, for the tests in a browser. Where it is not, they are skipped, with the reason.
 * @returns {Promise<string | undefined>} why it could not be installed
 */
export async function installChromium() {
  if (chromiumPath()) return undefined;
  if (process.getuid?.() !== 0) return 'chromium is not installed, and only root may install it';
  const apt = (...args) =>
    promisify(execFile)('apt-get', ['-qq', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 64 * 1024 * 1024,
      timeout: 600_000,
    });
  try {
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core');
    return undefined;
  } catch {
    return 'chromium is not installed, and apt-get could not install it';
  }
}
