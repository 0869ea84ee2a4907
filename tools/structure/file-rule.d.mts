export interface Structure {
  files: string[];
  crumbs: { file: string; importer: string }[];
  crowded: { folder: string; count: number }[];
  long: string[];
  cycles: string[][];
}

export function readCode(root: string): Map<string, string>;
export function structureOf(texts: ReadonlyMap<string, string>): Structure;
export function violationsOf(structure: Structure): { path: string; message: string }[];
