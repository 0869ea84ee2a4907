import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

export interface Complaint {
  file: string;
  rule: string;
  line: number;
}

/** The projects, tags and lint rules of this checkout around source files of our own. */
export class ScratchWorkspace {
  readonly #folder = mkdtempSync(join(tmpdir(), 'isthmus-boundaries-'));

  constructor() {
    for (const file of ['package.json', 'nx.json', 'eslint.config.mjs', '.swcrc', 'package-lock.json']) {
      cpSync(join(root, file), join(this.#folder, file));
    }
    this.#linkPackages();
    // No ambient types: they are most of what a type-checked lint of a few lines would read.
    this.#json('tsconfig.base.json', ({ compilerOptions, ...rest }) => ({
      ...rest,
      compilerOptions: { ...(compilerOptions as object), types: [] },
    }));
    this.#json('tsconfig.json', (config) => config);
    for (const project of projects()) {
      // Without its dependencies: only what the files below import is in the graph.
      this.#json(`${project.folder}/package.json`, ({ dependencies: _, ...rest }) => rest);
      this.#json(`${project.folder}/tsconfig.json`, (config) => config);
      this.#json(`${project.folder}/tsconfig.spec.json`, (config) => config);
      this.write(`${project.folder}/src/index.ts`, 'export {};\n');
    }
  }

  write(file: string, text: string): void {
    const path = join(this.#folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** The lint results of all files, with the project graph that they need. */
  lint(): Complaint[] {
    const options = {
      cwd: this.#folder,
      env: { ...process.env, NX_DAEMON: 'false' },
      encoding: 'utf8',
    } as const;
    execFileSync(bin('nx'), ['show', 'projects'], { ...options, stdio: 'pipe' });
    const { stdout, stderr } = spawnSync(bin('eslint'), ['--format', 'json', '.'], {
      ...options,
      maxBuffer: 1 << 26,
    });
    if (stdout === '' || /will be skipped/.test(stderr)) throw new Error(`The lint did not run: ${stderr}`);
    const files = JSON.parse(stdout) as {
      filePath: string;
      messages: { ruleId: string | null; line: number; message: string }[];
    }[];
    return files.flatMap(({ filePath, messages }) =>
      messages.map(({ ruleId, line, message }) => ({
        file: filePath.slice(this.#folder.length + 1),
        rule: ruleId ?? message,
        line,
      })),
    );
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /**
   * All packages are the checkout's, but `@isthmus/*` are the projects of this folder; otherwise Nx would treat them as
   * unknown.
   */
  #linkPackages(): void {
    const packages = join(this.#folder, 'node_modules');
    mkdirSync(join(packages, '@isthmus'), { recursive: true });
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name !== '@isthmus') symlinkSync(join(root, 'node_modules', name), join(packages, name));
    }
    for (const { name, folder } of projects()) symlinkSync(join(this.#folder, folder), join(packages, name));
  }

  #json(file: string, change: (json: Record<string, unknown>) => object): void {
    this.write(
      file,
      JSON.stringify(change(JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, unknown>)),
    );
  }
}

export interface Project {
  folder: string;
  name: string;
  tag: string;
  /** What to import it by; null where its package.json exports nothing. */
  door: string | null;
}

/** Everything in apps/ and libs/, with its tag. */
export function projects(): Project[] {
  return ['libs', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind))
      .map((name) => `${kind}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map((folder) => {
        const { name, nx, exports } = JSON.parse(
          readFileSync(join(root, folder, 'package.json'), 'utf8'),
        ) as {
          name: string;
          nx?: { tags?: string[] };
          exports?: object;
        };
        return {
          folder,
          name,
          tag: nx?.tags?.[0]?.replace('type:', '') ?? 'none',
          door: exports ? ('.' in exports ? name : `${name}/index.ts`) : null,
        };
      }),
  );
}
