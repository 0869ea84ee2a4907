import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './root.mjs';

const run = promisify(execFile);
const local = join(root, '.local', 'bin');

/** NATS_SERVER_BIN, then `.local/bin`, then the PATH when new enough, then a signed Debian package unpacked into `.local/bin`. */
export async function fetchNatsServer() {
  const chosen = process.env.NATS_SERVER_BIN;
  if (chosen) {
    if (await recentEnough(chosen)) return chosen;
    throw new Error(`NATS_SERVER_BIN=${chosen} is not a nats-server of version 2.10 or later.`);
  }
  for (const candidate of [join(local, 'nats-server'), 'nats-server']) {
    if (await recentEnough(candidate)) return candidate;
  }
  try {
    await run('bash', [join(root, 'tools/servers/fetch-nats-server.sh'), local]);
  } catch (cause) {
    throw new Error(
      'nats-server is missing and could not be fetched from Debian. Install nats-server 2.10 or later, or set NATS_SERVER_BIN to its path.\n' +
        (cause.stderr ?? ''),
      { cause },
    );
  }
  return join(local, 'nats-server');
}

async function recentEnough(binary) {
  try {
    const { stdout } = await run(binary, ['--version']);
    const [, major, minor] = /v(\d+)\.(\d+)/.exec(stdout) ?? [];
    return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 10);
  } catch {
    return false;
  }
}
