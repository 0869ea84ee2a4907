import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@isthmus/testing';
import { ServiceProcess } from './service-process.ts';

/** Ends the programs and starts them again in one process, each with the settings it had; `stop` ends it. */
export async function inOneProcess(
  programs: readonly ServiceProcess[],
): Promise<{ process: ServiceProcess; stop(): Promise<void> }> {
  await Promise.all(programs.map((program) => program.stop()));
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-settings-'));
  for (const { program, settings } of programs) {
    mkdirSync(join(folder, program), { mode: 0o700 });
    for (const [name, value] of Object.entries(settings))
      writeFileSync(join(folder, program, name), value, { mode: 0o600 });
  }
  const [{ settings }] = programs as [ServiceProcess];
  const process = new ServiceProcess(
    'single-process',
    'apps/single-process/dist/main.js',
    {},
    settings.PORT,
    [folder],
  );
  await process.start();
  for (const { url } of programs)
    await eventually(async () => (await fetch(`${url}/healthz/ready`)).ok, { everyMs: 50 });
  return {
    process,
    stop: async () => {
      await process.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
