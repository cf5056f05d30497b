/**
 * Says which share of the statements the tests ran, and fails below the thresholds:
 *
 *   c8 npm test && node scripts/check-coverage.mjs
 *
 * It reads what V8 itself counted in the processes that scripts/test.mjs lets count (`coverage/tmp`, child processes and worker threads
 * included). A statement is a statement of the TypeScript source: comments, types, blank lines and closing braces are
 * none, so they raise nothing, and a file that no test loads counts with all its statements as not run. (c8's own
 * report counts lines, the blank ones too, and blurs ranges because the test loader puts a file on one line; it is
 * there for the eye.)
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const rawFolder = join(root, 'coverage/tmp');
const FOLDERS = ['contracts', 'core', 'adapters', 'hosts'];

/** Percent of statements that the tests must run. */
const THRESHOLDS = [
  { name: 'core', folders: ['core'], atLeast: 95 },
  { name: 'everything', folders: FOLDERS, atLeast: 85 },
];

const STATEMENT_KINDS = new Set([
  ts.SyntaxKind.BreakStatement,
  ts.SyntaxKind.ContinueStatement,
  ts.SyntaxKind.DoStatement,
  ts.SyntaxKind.ExportAssignment,
  ts.SyntaxKind.ExpressionStatement,
  ts.SyntaxKind.ForInStatement,
  ts.SyntaxKind.ForOfStatement,
  ts.SyntaxKind.ForStatement,
  ts.SyntaxKind.IfStatement,
  ts.SyntaxKind.LabeledStatement,
  ts.SyntaxKind.ReturnStatement,
  ts.SyntaxKind.SwitchStatement,
  ts.SyntaxKind.ThrowStatement,
  ts.SyntaxKind.TryStatement,
  ts.SyntaxKind.WhileStatement,
]);

/** What stands for one statement, as Istanbul counts them: also an initial value, and a function's body expression. */
function statementNode(node) {
  if (STATEMENT_KINDS.has(node.kind)) return node;
  if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) return node.initializer ?? null;
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return node.body;
  return null;
}

/** Where the statements of a source file begin and end, as offsets. */
function statementsOf(path) {
  const file = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);
  const statements = [];
  const visit = (node) => {
    const statement = statementNode(node);
    if (statement !== null) {
      statements.push({ start: statement.getStart(file), end: statement.getEnd(), ran: false, compiled: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  // Most processes of a run compile a module in the same way, so each source map is read once.
  return { lineStarts: file.getLineStarts(), statements, pairsByMap: new Map() };
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The numbers of one segment of a source map (base 64 variable-length quantities). */
function decodeSegment(segment) {
  const numbers = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = BASE64.indexOf(character);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

/** Pairs of offsets, in the source and in what was run, ascending by the first. */
function offsetPairs({ data, lineLengths }, lineStarts) {
  const pairs = [];
  let generatedLineStart = 0;
  let line = 0;
  let column = 0;
  data.mappings.split(';').forEach((segments, generatedLine) => {
    let generatedColumn = 0;
    for (const segment of segments === '' ? [] : segments.split(',')) {
      const [generatedStep, , lineStep, columnStep] = decodeSegment(segment);
      generatedColumn += generatedStep;
      if (lineStep === undefined) continue;
      line += lineStep;
      column += columnStep;
      if (line < lineStarts.length) {
        pairs.push({ source: lineStarts[line] + column, generated: generatedLineStart + generatedColumn });
      }
    }
    generatedLineStart += (lineLengths[generatedLine] ?? 0) + 1;
  });
  return pairs.sort((a, b) => a.source - b.source || a.generated - b.generated);
}

/** How often V8 ran what stands at the offset: the count of the innermost range around it. */
function countAt(ranges, offset) {
  let innermost = null;
  for (const range of ranges) {
    if (range.startOffset > offset || range.endOffset <= offset) continue;
    const size = range.endOffset - range.startOffset;
    if (innermost === null || size <= innermost.endOffset - innermost.startOffset) innermost = range;
  }
  return innermost?.count ?? 0;
}

function firstPairIn(pairs, start, end) {
  let low = 0;
  let high = pairs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pairs[middle].source < start) low = middle + 1;
    else high = middle;
  }
  return low < pairs.length && pairs[low].source < end ? pairs[low] : null;
}

function markRan({ lineStarts, statements, pairsByMap }, script, sourceMap) {
  if (statements.every((statement) => statement.ran)) return;
  const pairs = pairsByMap.get(sourceMap.data.mappings) ?? offsetPairs(sourceMap, lineStarts);
  pairsByMap.set(sourceMap.data.mappings, pairs);
  const ranges = script.functions.flatMap((entry) => entry.ranges);
  for (const statement of statements) {
    const pair = firstPairIn(pairs, statement.start, statement.end);
    if (pair === null) continue;
    statement.compiled = true;
    if (!statement.ran) statement.ran = countAt(ranges, pair.generated) > 0;
  }
}

/** The source file behind a script that ran: itself, or, for a script of `dist/`, what its source map names. */
function sourcePathOf(url, sourceMap) {
  const asPath = (href) => relative(root, fileURLToPath(href.replace(/\?.*$/, '')));
  const path = asPath(url);
  return path.startsWith('dist/') ? asPath(new URL(sourceMap.data.sources[0], url).href) : path;
}

function readRun(files) {
  const rootUrl = pathToFileURL(root).href;
  const reports = existsSync(rawFolder) ? readdirSync(rawFolder).filter((name) => name.endsWith('.json')) : [];
  for (const report of reports) {
    const { result, 'source-map-cache': sourceMaps = {} } = JSON.parse(readFileSync(join(rawFolder, report), 'utf8'));
    for (const script of result) {
      const sourceMap = sourceMaps[script.url];
      if (!script.url.startsWith(rootUrl) || !sourceMap?.data || !sourceMap.lineLengths) continue;
      const file = files.get(sourcePathOf(script.url, sourceMap));
      if (file !== undefined) markRan(file, script, sourceMap);
    }
  }
  return reports.length;
}

function sourceFiles() {
  return FOLDERS.filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

const files = new Map(sourceFiles().map((path) => [path, statementsOf(path)]));
const processes = readRun(files);

const totals = [...files].map(([path, { statements }]) => {
  // What the compiler left out of a file that did run (such as a declaration) is nothing to run.
  const loaded = statements.some((statement) => statement.compiled);
  const executable = loaded ? statements.filter((statement) => statement.compiled) : statements;
  return { path, ran: executable.filter((statement) => statement.ran).length, all: executable.length };
});
const percent = (ran, all) => (all === 0 ? 100 : (100 * ran) / all);

console.log(`Statements run by the tests, from ${processes} processes and threads`);
const least = totals
  .filter(({ ran, all }) => ran < all)
  .sort((a, b) => b.all - b.ran - (a.all - a.ran))
  .slice(0, 10);
for (const { path, ran, all } of least) {
  console.log(`  ${percent(ran, all).toFixed(1).padStart(5)} %  ${path}: ${all - ran} of ${all} not run`);
}
let failed = processes === 0;
if (failed) console.error('No coverage data in coverage/tmp: run the tests through c8 first.');
for (const { name, folders, atLeast } of THRESHOLDS) {
  const chosen = totals.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)));
  const ran = chosen.reduce((sum, file) => sum + file.ran, 0);
  const all = chosen.reduce((sum, file) => sum + file.all, 0);
  const enough = percent(ran, all) >= atLeast;
  failed ||= !enough;
  console.log(
    `${enough ? 'ok  ' : 'LOW '}${name}: ${percent(ran, all).toFixed(2)} % of ${all} statements (at least ${atLeast} %)`,
  );
}
process.exitCode = failed ? 1 : 0;
