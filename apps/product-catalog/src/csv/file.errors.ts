/** The file as a whole cannot be used; nothing of it was kept. */
export class FileNotUsable extends Error {
  override readonly name = 'FileNotUsable';
  readonly code = 'mapping-import.file-not-usable';
  constructor(
    problem: string,
    readonly nextStep: string,
    options?: ErrorOptions,
  ) {
    super(problem, options);
  }
}

export class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge';
  readonly code = 'mapping-import.file-too-large';
  readonly nextStep = 'Split the file, or raise IMPORT_LIMIT.';
  constructor(readonly limit: number) {
    super(`The file is larger than ${limit} bytes.`);
  }
}
