// Makes a checkout ready to start or test: packages, nats-server, build. Runs on Node 20 before anything is installed.
import { installChromium } from '../libs/testing/servers/browser.mjs';
import { fetchNatsServer } from '../libs/testing/servers/nats.mjs';
import { withLock } from './prepare/lock.mjs';
import { build, installPackages, withoutAddresses } from './prepare/packages-and-build.mjs';

try {
  await withLock(async () => {
    await installPackages();
    await fetchNatsServer();
    if (process.argv.includes('--browser')) {
      const missing = await installChromium();
      if (missing) process.stdout.write(`The tests in a browser will be skipped: ${missing}.\n`);
    }
    if (!process.argv.includes('--no-build')) await build();
  });
} catch (error) {
  process.stderr.write(`\nThe checkout could not be prepared. ${withoutAddresses(error.message)}\n`);
  process.exitCode = 1;
}
