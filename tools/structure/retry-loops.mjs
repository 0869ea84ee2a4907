import ts from 'typescript';

const pausing = /^await [^;\n]*\b(sleep|pause|wait|delay|nudge|idle)\w*[(.]/i;

/** One that counts its tries has an end: it is part of a protocol, such as a call that is sent at most four times. */
const isEndless = (node) =>
  ts.isIterationStatement(node, false) && !(ts.isForStatement(node) && node.incrementor);

/**
 * Whether a file has a loop that pauses between its rounds and goes on after failures: it catches them, or calls a function of
 * this file that does. A loop that ends with its first failure is none.
 */
export function hasRetryLoop(file, text) {
  if (!/\bcatch\b/.test(text)) return false;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const textOf = (node) => node.getText(source);
  const nodes = [];
  const visit = (node) => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  const catches = (node) => /\bcatch\b/.test(textOf(node));
  const catching = nodes
    .filter((node) => ts.isFunctionLike(node) && node.body && node.name && catches(node.body))
    .map((node) => `${textOf(node.name)}(`);
  const pauses = nodes.filter((node) => ts.isAwaitExpression(node) && pausing.test(textOf(node)));
  return nodes.some(
    (loop) =>
      isEndless(loop) &&
      pauses.some(({ pos, end }) => pos >= loop.pos && end <= loop.end) &&
      (catches(loop) || catching.some((call) => textOf(loop).includes(call))),
  );
}
