import * as ts from 'typescript';

/**
 * A rule about a file's text that a dependency graph cannot see. It reads the syntax tree, so a word in a comment or in
 * a string is never a violation.
 */
export interface SourceRule {
  readonly name: string;
  /** Whether the rule speaks about the file at this path, relative to the tree's root. */
  readonly appliesTo: (path: string) => boolean;
  /** What is wrong, one entry a place; empty when the file keeps the rule. */
  readonly violations: (path: string, file: ts.SourceFile) => readonly string[];
}

/** What the platform lays around for everybody: a use case that needs one of these needs a port instead. */
const AMBIENT_PLATFORM = new Set([
  '__dirname',
  '__filename',
  'Buffer',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'global',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'require',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'WebSocket',
]);

const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node);
  ts.forEachChild(node, (child) => {
    walk(child, visit);
  });
};

const placesWhere = (file: ts.SourceFile, describe: (node: ts.Node) => string | null): string[] => {
  const places: string[] = [];
  walk(file, (node) => {
    const description = describe(node);
    if (description === null) return;
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    places.push(`line ${String(line + 1)}: ${description}`);
  });
  return places;
};

/** The node as `name` in an expression: not the `name` of `other.name`, of `{ name: 1 }`, or of a declaration. */
const isFreeReference = (node: ts.Identifier): boolean => {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent)) return parent.initializer === node;
  if (ts.isPropertySignature(parent) || ts.isMethodSignature(parent)) return false;
  if (ts.isPropertyDeclaration(parent)) return parent.initializer === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  return !ts.isMethodDeclaration(parent) && !ts.isFunctionDeclaration(parent);
};

/** Names that the file itself declares or imports; such a name means the file's own thing. */
const declaredNames = (file: ts.SourceFile): ReadonlySet<string> => {
  const names = new Set<string>();
  walk(file, (node) => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node) ||
      ts.isImportClause(node) ||
      ts.isNamespaceImport(node);
    if (declares && node.name && ts.isIdentifier(node.name)) names.add(node.name.text);
  });
  return names;
};

const isCallOn = (node: ts.Node, object: string, property: string): boolean =>
  ts.isPropertyAccessExpression(node) &&
  ts.isIdentifier(node.expression) &&
  node.expression.text === object &&
  node.name.text === property;

const isDate = (node: ts.Expression): boolean => ts.isIdentifier(node) && node.text === 'Date';

const clockOrChance = (node: ts.Node): string | null => {
  if (isCallOn(node, 'Date', 'now')) return 'Date.now';
  if (isCallOn(node, 'Math', 'random')) return 'Math.random';
  if (ts.isNewExpression(node) && isDate(node.expression) && (node.arguments ?? []).length === 0) return 'new Date()';
  if (ts.isCallExpression(node) && isDate(node.expression)) return 'Date()';
  return null;
};

const isDefaultExport = (node: ts.Node): boolean =>
  (ts.isExportAssignment(node) && node.isExportEquals !== true) ||
  (ts.isExportSpecifier(node) && node.name.text === 'default') ||
  (ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword));

/** A type whose name is not in PascalCase, or an interface that says with an I that it is one. */
const misnamedType = (node: ts.Node): string | null => {
  const isType =
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    (ts.isTypeParameterDeclaration(node) && !ts.isMappedTypeNode(node.parent));
  const name = isType ? node.name?.text : undefined;
  if (name === undefined) return null;
  if (!/^[A-Z][A-Za-z0-9]*$/.test(name)) return `type ${name}`;
  return ts.isInterfaceDeclaration(node) && /^I[A-Z]/.test(name) ? `interface ${name}` : null;
};

const SUITE_MAKERS = new Set(['suite', 'test']);

/** The variables through which a test file registers its tests: uvu's `test`, and every `suite(...)`. */
const testRegistrars = (file: ts.SourceFile): ReadonlySet<string> => {
  const names = new Set<string>();
  walk(file, (node) => {
    if (
      ts.isImportDeclaration(node) &&
      ts.isStringLiteral(node.moduleSpecifier) &&
      node.moduleSpecifier.text === 'uvu'
    ) {
      const bindings = node.importClause?.namedBindings;
      const imported = bindings && ts.isNamedImports(bindings) ? bindings.elements : [];
      for (const { name, propertyName } of imported) {
        if ((propertyName ?? name).text === 'test') names.add(name.text);
      }
    }
    const made = ts.isVariableDeclaration(node) ? node.initializer : undefined;
    if (made && ts.isCallExpression(made) && ts.isIdentifier(made.expression) && made.expression.text === 'suite') {
      names.add((node as ts.VariableDeclaration).name.getText(file));
    }
  });
  return names;
};

/** Whether the file takes its tests from `test/contracts/`, whose suites run themselves. */
const runsContractSuite = (file: ts.SourceFile): boolean =>
  file.statements.some(
    (statement) =>
      ts.isImportDeclaration(statement) &&
      ts.isStringLiteral(statement.moduleSpecifier) &&
      /^\.{1,2}\/(.*\/)?contracts\//.test(statement.moduleSpecifier.text),
  );

/** Whether a suite that another module has made is run: `suiteOf(...).run()`. */
const runsMadeSuite = (file: ts.SourceFile): boolean =>
  file.statements.some(
    (statement) =>
      ts.isExpressionStatement(statement) &&
      ts.isCallExpression(statement.expression) &&
      ts.isPropertyAccessExpression(statement.expression.expression) &&
      statement.expression.expression.name.text === 'run' &&
      ts.isCallExpression(statement.expression.expression.expression),
  );

const methodCalled = (node: ts.Node): { readonly on: string; readonly method: string } | null =>
  ts.isCallExpression(node) &&
  ts.isPropertyAccessExpression(node.expression) &&
  ts.isIdentifier(node.expression.expression)
    ? { on: node.expression.expression.text, method: node.expression.name.text }
    : null;

const LOG_METHODS = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);

/** What the log lets through as a message; it would put another text in the place of all others. */
const LOG_MESSAGE = /^[A-Za-z][A-Za-z,;:' -]{0,159}$/;

const isFixedText = (node: ts.Expression | undefined): boolean =>
  node !== undefined &&
  (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) &&
  LOG_MESSAGE.test(node.text);

/** Whether the expression is `logger` or `….logger`. */
const isLogger = (node: ts.Expression): boolean =>
  ts.isIdentifier(node) ? node.text === 'logger' : ts.isPropertyAccessExpression(node) && node.name.text === 'logger';

/** A call of the log whose message is put together, or whose method is not to be seen. */
const unfixedLogCall = (node: ts.Node): string | null => {
  if (!ts.isCallExpression(node)) return null;
  const { expression, arguments: given } = node;
  if (ts.isElementAccessExpression(expression) && isLogger(expression.expression))
    return 'a computed method of the log';
  if (!ts.isPropertyAccessExpression(expression) || !isLogger(expression.expression)) return null;
  if (!LOG_METHODS.has(expression.name.text)) return `logger.${expression.name.text}`;
  const [first, second, ...more] = given;
  if (more.length > 0) return 'more than fields and a message';
  const isMessageFirst = second === undefined;
  return isFixedText(isMessageFirst ? first : second) ? null : 'a message that is not of fixed words';
};

/**
 * Where the process's streams may be written to: the first lines of a host, the words of a command, a last report, and the
 * tool that writes the infrastructure down and is not part of the service.
 */
const WRITES_TO_STREAMS = /^hosts\/(?:[a-z]+\/main|cli\/output|wiring\/log\/report-crashes|ecs\/synth)\.ts$/;

/** What makes lines for an operator past the one log: pino itself, the console, or a stream of the process. */
const otherOutput = (path: string, node: ts.Node): string | null => {
  if (
    ts.isImportDeclaration(node) &&
    ts.isStringLiteral(node.moduleSpecifier) &&
    node.moduleSpecifier.text === 'pino'
  ) {
    return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? null : 'imports pino';
  }
  if (ts.isIdentifier(node) && node.text === 'console' && isFreeReference(node)) return 'console';
  const isWrite =
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === 'write' &&
    (isCallOn(node.expression.expression, 'process', 'stdout') ||
      isCallOn(node.expression.expression, 'process', 'stderr'));
  return isWrite && !WRITES_TO_STREAMS.test(path) ? 'writes to a stream of the process' : null;
};

const inProduct = (path: string): boolean => /^(?:contracts|core|adapters|hosts)\//.test(path);
const inCore = (path: string): boolean => path.startsWith('core/');
const inTests = (path: string): boolean => path.startsWith('test/');

/** Every rule about source text, in the order of their names. */
export const SOURCE_RULES: readonly SourceRule[] = [
  {
    name: 'core-asks-no-clock-and-no-chance',
    appliesTo: inCore,
    violations: (_path, file) => placesWhere(file, clockOrChance),
  },
  {
    name: 'core-uses-no-ambient-platform',
    appliesTo: inCore,
    violations: (_path, file) => {
      const own = declaredNames(file);
      return placesWhere(file, (node) => {
        if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) return 'import.meta';
        if (!ts.isIdentifier(node) || !AMBIENT_PLATFORM.has(node.text) || own.has(node.text)) return null;
        return isFreeReference(node) ? node.text : null;
      });
    },
  },
  {
    name: 'every-test-file-runs-its-tests',
    appliesTo: (path) => inTests(path) && /\.test\.m?ts$/.test(path),
    violations: (_path, file) => {
      const registrars = testRegistrars(file);
      if (registrars.size === 0 && !runsContractSuite(file) && !runsMadeSuite(file)) return ['registers no test'];
      const ran = new Set<string>();
      walk(file, (node) => {
        const call = methodCalled(node);
        if (call?.method === 'run') ran.add(call.on);
      });
      return [...registrars].filter((name) => !ran.has(name)).map((name) => `${name}.run() is never called`);
    },
  },
  {
    name: 'files-are-named-for-what-they-do',
    appliesTo: () => true,
    violations: (path) => {
      const vague = path
        .split('/')
        .find((part) => /^(utils?|helpers?|misc)(\.|$)|[-.](utils?|helpers?)\.[a-z]+$/i.test(part));
      return vague === undefined ? [] : [`"${vague}" says nothing about the content`];
    },
  },
  {
    name: 'log-messages-are-fixed-words',
    appliesTo: inProduct,
    violations: (_path, file) => placesWhere(file, unfixedLogCall),
  },
  {
    name: 'no-barrel-file',
    appliesTo: () => true,
    violations: (_path, file) =>
      placesWhere(file, (node) =>
        ts.isExportDeclaration(node) && node.exportClause === undefined ? 'export * from' : null,
      ),
  },
  {
    name: 'no-default-export',
    appliesTo: () => true,
    violations: (_path, file) => placesWhere(file, (node) => (isDefaultExport(node) ? 'export default' : null)),
  },
  {
    name: 'no-skipped-or-isolated-test',
    appliesTo: inTests,
    violations: (_path, file) => {
      const registrars = new Set([...testRegistrars(file), ...SUITE_MAKERS]);
      return placesWhere(file, (node) => {
        const call = methodCalled(node);
        if (call === null || !registrars.has(call.on)) return null;
        return call.method === 'skip' || call.method === 'only' ? `${call.on}.${call.method}` : null;
      });
    },
  },
  {
    // What neverthrow throws there is no Error, on which uvu ends the file early and still reports success.
    name: 'no-unsafe-unwrapping',
    appliesTo: () => true,
    violations: (_path, file) =>
      placesWhere(file, (node) =>
        ts.isPropertyAccessExpression(node) && node.name.text.startsWith('_unsafeUnwrap') ? node.name.text : null,
      ),
  },
  {
    name: 'one-log-for-all',
    appliesTo: (path) => inProduct(path) && !inCore(path) && path !== 'hosts/wiring/log/open-log.ts',
    violations: (path, file) => placesWhere(file, (node) => otherOutput(path, node)),
  },
  {
    name: 'types-are-named-in-pascal-case',
    appliesTo: () => true,
    violations: (_path, file) => placesWhere(file, misnamedType),
  },
];
