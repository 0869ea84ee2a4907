// What a container says that is told no program.
import { system } from '../start/system.mjs';

process.stderr.write(
  `Say which program to run:\n${system.map(({ run }) => `  ${run}\n`).join('')}` +
    `"<program> migrate" brings the service's database up to date and ends.\n`,
);
process.exit(64);
