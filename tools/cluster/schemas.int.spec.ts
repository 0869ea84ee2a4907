import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { type Manifest, render } from './kubectl.mjs';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** Where the types of an API group come from; the groups of CloudNativePG have none. */
const packages: Record<string, string> = {
  'argoproj.io': '@kubernetes-models/argo-cd',
  'external-secrets.io': '@kubernetes-models/external-secrets',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'keda.sh': '@kubernetes-models/keda',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};
const untyped = ['postgresql.cnpg.io', 'barmancloud.cnpg.io'];
const groupOf = ({ apiVersion }: Manifest) => (apiVersion.includes('/') ? apiVersion.split('/')[0]! : '');
const moduleOf = (object: Manifest) =>
  `${packages[groupOf(object)] ?? 'kubernetes-models'}/${object.apiVersion}`;
const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;

async function everyObject(): Promise<Manifest[]> {
  const ingress = async (copy: string) =>
    writeFile(
      join(copy, 'overlays/production/kustomization.yaml'),
      'resources: [../../base]\ncomponents: [../../components/routes/ingress]\n',
    );
  const examples = (await readdir(join(root, 'k8s/examples'))).filter(
    (file) => file.endsWith('.yaml') && !file.includes('values'),
  );
  const objects = await Promise.all([
    render('overlays/local'),
    render('overlays/production'),
    render('overlays/production', ingress),
    ...examples.map(async (file) =>
      parseAllDocuments(await readFile(join(root, 'k8s/examples', file), 'utf8')).map(
        (document) => document.toJS() as Manifest,
      ),
    ),
  ]);
  return objects.flat().filter((object) => !untyped.includes(groupOf(object)));
}

let objects: Manifest[];
beforeAll(async () => {
  objects = await everyObject();
});

/** What a schema says of an object, as one line; nothing when it is valid. */
async function invalid(object: Manifest): Promise<string | undefined> {
  const models = (await import(moduleOf(object))) as Record<
    string,
    new (data: object) => { validate(): void }
  >;
  const Model = models[object.kind];
  if (!Model) return `${nameOf(object)}: ${object.apiVersion} has no ${object.kind}`;
  try {
    new Model(object).validate();
    return undefined;
  } catch (error) {
    return `${nameOf(object)}: ${(error as Error).message}`;
  }
}

it('every object is valid by the schema of its kind', async () => {
  expect(objects.length).toBeGreaterThan(120);
  expect((await Promise.all(objects.map(invalid))).filter(Boolean)).toEqual([]);
});

it('no object has a field that its kind does not have', async () => {
  expect(await strangeFields(objects)).toEqual('');
}, 120_000);

it('would notice: a wrong type, a missing field, a field that does not exist', async () => {
  const deployment = () =>
    structuredClone(objects.find(({ kind }) => kind === 'Deployment')!) as Manifest & {
      spec: { [key: string]: never };
    };
  const wrong = deployment();
  Object.assign(wrong.spec, { replicas: 'two' });
  expect(await invalid(wrong)).toMatch(/replicas/);
  const missing = deployment();
  delete (missing.spec as Record<string, unknown>).selector;
  expect(await invalid(missing)).toMatch(/selector/);
  const misspelt = deployment();
  const [container] = misspelt.spec.template.spec.containers as [{ securityContext: object }];
  Object.assign(container.securityContext, { readOnlyRootFileSystem: true });
  expect(await strangeFields([misspelt])).toMatch(/readOnlyRootFileSystem/);
}, 120_000);

/** As literals, the compiler compares them with the types of their kinds: it knows fields that no schema forbids. */
async function strangeFields(all: Manifest[]): Promise<string> {
  await mkdir(join(root, '.local'), { recursive: true });
  const folder = await mkdtemp(join(root, '.local', 'manifests-'));
  try {
    const lines = all.map(
      (object, index) =>
        `const _${index}: import('${moduleOf(object)}').I${object.kind} = ${JSON.stringify(object, null, 1)};`,
    );
    await writeFile(join(folder, 'objects.ts'), `${lines.join('\n')}\nexport {};\n`);
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          noEmit: true,
          strict: true,
          skipLibCheck: true,
          module: 'nodenext',
          target: 'es2024',
          types: [],
        },
        files: ['objects.ts'],
      }),
    );
    const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
    return await run(process.execPath, [tsc, '-p', folder], { maxBuffer: 16 * 1024 * 1024 }).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
