import ts from 'typescript';

/** What a file imports, types too, and how many of its lines that takes. */
export function importsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const list = [];
  let lines = 0;
  for (const statement of source.statements) {
    const from =
      (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) && statement.moduleSpecifier;
    if (!from) continue;
    list.push({ specifier: from.text });
    const line = (position) => source.getLineAndCharacterOfPosition(position).line;
    if (ts.isImportDeclaration(statement)) lines += line(statement.getEnd()) - line(statement.getStart()) + 1;
  }
  return { list, lines };
}
