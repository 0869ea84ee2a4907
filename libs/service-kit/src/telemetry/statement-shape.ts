const identifierStart = /[A-Za-z_\u0080-\uffff]/;
const identifierRest = /[A-Za-z0-9_$\u0080-\uffff]*/y;
const number =
  /(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const parameter = /\$\d+/y;

/**
 * The text of a PostgreSQL statement with every literal replaced by `?` and without comments, so that it shows the operation but
 * no values. Names, keywords, parameters (`$1`) and operators remain. It reads tokens as PostgreSQL's lexer does (chapter 4.1 of
 * its manual, with standard_conforming_strings on); a literal without an end runs to the end.
 * @param longest maximum length of the result; little more of the statement is processed
 */
export function statementShape(sql: string, longest = 2_000): string {
  let shape = '';
  let at = 0;
  const matched = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(sql)?.[0];
  };
  while (at < sql.length && shape.length < longest) {
    const c = sql[at]!;
    const next = sql[at + 1];
    const prefix = stringPrefix(sql, at);
    if (prefix !== undefined) {
      const escapes = /^e/i.test(prefix);
      at = endOfQuoted(sql, at + prefix.length, "'", escapes);
      shape += '?';
    } else if (c === '"') {
      const end = endOfQuoted(sql, at, '"', false);
      shape += sql.slice(at, end);
      at = end;
    } else if (identifierStart.test(c)) {
      const name = c + (((identifierRest.lastIndex = at + 1), identifierRest.exec(sql))?.[0] ?? '');
      shape += name;
      at += name.length;
    } else if (c === '-' && next === '-') {
      const end = sql.indexOf('\n', at);
      at = end < 0 ? sql.length : end;
    } else if (c === '/' && next === '*') {
      at = endOfComment(sql, at);
      shape += ' ';
    } else if (c === '$' && matched(parameter)) {
      const text = matched(parameter)!;
      shape += text;
      at += text.length;
    } else if (c === '$' && matched(dollarTag)) {
      const tag = matched(dollarTag)!;
      const end = sql.indexOf(tag, at + tag.length);
      at = end < 0 ? sql.length : end + tag.length;
      shape += '?';
    } else if (/\d/.test(c) || (c === '.' && next !== undefined && /\d/.test(next))) {
      at += matched(number)!.length;
      shape += '?';
    } else {
      shape += c;
      at += 1;
    }
  }
  return shape.slice(0, longest).trim();
}

/** `'`, `E'`, `B'`, `X'`, `N'` or `U&'` without the quote, if a string begins here. */
function stringPrefix(sql: string, at: number): string | undefined {
  const [a, b, c] = [sql[at]!, sql[at + 1], sql[at + 2]];
  if (a === "'") return '';
  if (b === "'" && /[ebxn]/i.test(a)) return a;
  return b === '&' && c === "'" && /u/i.test(a) ? a + b : undefined;
}

/** Behind the closing quote; a doubled one is a quote within. */
function endOfQuoted(sql: string, start: number, quote: string, escapes: boolean): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at += 1;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return sql.length;
}

/** Comments of PostgreSQL may contain comments. */
function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at++) {
    const two = sql.slice(at, at + 2);
    if (two !== '/*' && two !== '*/') continue;
    depth += two === '/*' ? 1 : -1;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return sql.length;
}
