import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

/** Modules that define texts and nothing else. */
const isTexts = (id) =>
  /\/src\/((pages|parts)\/(?:[^/]+\/)?[^/]+|shell)\/[\w-]*texts\.ts$|\/src\/texts\/(?!texts\.|catalog\.|format\.|use-)[\w-]+\.ts$/.test(
    id,
  );

/**
 * Compiles texts when the console is built: a browser loads neither a parser of messages nor their sources. A message that is
 * no ICU message format fails the build.
 * @returns {import('vite').Plugin}
 */
export function compiledTexts() {
  let root = '';
  return {
    name: 'compiled-texts',
    enforce: 'pre',
    configResolved(config) {
      root = config.root;
    },
    async transform(code, id) {
      const [file] = id.split('?');
      if (!isTexts(file)) return undefined;
      const { compileMessage } = await import('@lingui/message-utils/compileMessage');
      const lines = definitionsIn(code, file).map(({ name, namespace, en, de }) => {
        const compiled = {
          en: compileAll(en, compileMessage, file),
          de: compileAll(de, compileMessage, file),
        };
        return `export const ${name} = loadTexts(${JSON.stringify(namespace)}, ${JSON.stringify(compiled)});`;
      });
      const catalog = JSON.stringify(
        `/${relative(root, new URL('src/texts/catalog.ts', pathToFileURL(`${import.meta.dirname}/`)).pathname)}`,
      );
      return { code: `import { loadTexts } from ${catalog};\n${lines.join('\n')}\n`, map: null };
    },
  };
}

const compileAll = (texts, compileMessage, file) =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      const compiled = compileMessage(text);
      // The compiler warns and gives the text back.
      if (typeof compiled === 'string' && /[{}]/.test(text))
        throw new Error(`${file}: "${name}" is no ICU message.`);
      return [name, compiled];
    }),
  );

/**
 * @returns {{name: string, namespace: string, en: Record<string, string>, de: Record<string, string>}[]} what
 *   `export const name = defineTexts('namespace', { en: {…}, de: {…} })` says
 */
export function definitionsIn(code, file) {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const found = [];
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer: call } of statement.declarationList.declarations) {
      if (!call || !ts.isCallExpression(call) || call.expression.getText() !== 'defineTexts') continue;
      const [namespace, languages] = call.arguments;
      found.push({
        name: name.getText(),
        namespace: namespace.text,
        ...valuesIn(languages, (one) => valuesIn(one, textOf)),
      });
    }
  }
  if (found.length === 0) throw new Error(`${file} defines no texts.`);
  return found;

  function textOf(node) {
    if (!ts.isStringLiteralLike(node))
      throw new Error(`${file}: a text must be a plain string, not ${node.getText()}`);
    return node.text;
  }
}

const valuesIn = (object, read) =>
  Object.fromEntries(object.properties.map(({ name, initializer }) => [name.text, read(initializer)]));
