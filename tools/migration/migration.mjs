// npm run migration -- <service> <name> [--drop]
// Writes the next migration of a service: what its entities declare and its migrations do not make yet.
import { execFile } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { root, startPostgres } from '../../libs/testing/servers/index.mjs';

const run = promisify(execFile);
const bin = join(root, 'node_modules', '.bin');

const { service, name, drop } = readCommand();
const database = await builtService(service);
const { nextMigration } = await import('@isthmus/testing');
const postgres = await startPostgres({ tied: true, durable: false });
try {
  const { statements, kept } = await nextMigration(database, { drop, server: postgres.url });
  if (statements.length === 0) console.log(`${service}: the migrations make what the entities declare.`);
  else await write(statements);
  if (kept.length > 0) {
    console.log(`Declared by no entity, and kept (--drop writes statements that drop it):`);
    for (const one of kept) console.log(`  ${one}`);
  }
} finally {
  await postgres.stop();
}

function readCommand() {
  const { values, positionals } = parseArgs({
    options: { drop: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [wanted, title, ...rest] = positionals;
  if (!wanted || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(title ?? '') || rest.length > 0) {
    console.error(
      'Usage: npm run migration -- <service> <name> [--drop], such as: npm run migration -- webhooks pause-endpoints',
    );
    process.exit(2);
  }
  return { service: wanted, name: title, drop: values.drop ?? false };
}

/** The database with which the service is started, out of what is built of it now. */
async function builtService(wanted) {
  const folder = join(root, 'apps', wanted);
  const main = await readFile(join(folder, 'src/main.ts'), 'utf8').catch(() => {
    console.error(`There is no apps/${wanted}/src/main.ts. Name a service by its folder.`);
    process.exit(2);
  });
  const projects = `@isthmus/${wanted},@isthmus/testing`;
  await run(join(bin, 'nx'), ['run-many', '-t', 'build', '-p', projects], { cwd: root }).catch((error) => {
    console.error(`${wanted} could not be built. It said:\n${error.stdout}`);
    process.exit(1);
  });
  const file = /from '\.\/([^']+)\.ts'/.exec(main)[1];
  const options = Object.values(await import(join(folder, 'dist', `${file}.js`))).find(
    (one) => one?.service === wanted,
  );
  if (!options?.database) {
    console.error(`${wanted} has no database, so it has no migrations.`);
    process.exit(2);
  }
  return options.database;
}

async function write(statements) {
  const last = Math.max(0, ...database.migrations.map((one) => Number(/\d{4}/.exec(one.name)?.[0] ?? 0)));
  const number = String(last + 1).padStart(4, '0');
  const title = name.replace(/(?:^|-)([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  const type = `Migration${number}${title}`;
  const path = `apps/${service}/src/migrations/migrations.ts`;
  const file = join(root, path);
  const lines = statements.map((sql) => `    this.addSql(\`${sql.replace(/[`$\\]/g, '\\$&')}\`);`);
  await appendFile(
    file,
    `
export class ${type} extends Migration {
  override up(): void {
${lines.join('\n')}
  }
}
`,
  );
  await run(join(bin, 'prettier'), ['--write', file], { cwd: root });
  console.log(`${statements.join(';\n')};\n`);
  console.log(`Appended to ${path} as ${type}. Read it, and say why in a comment.`);
}
