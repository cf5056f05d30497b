/**
 * Which folder may import which. Run by test/architecture/rules.test.ts on the real tree (it must be clean) and on one
 * planted violation per rule (exactly that rule must fire); `npx depcruise contracts core adapters hosts` prints
 * the same.
 *
 * Paths are relative to the tree's root. Installed packages are matched by `node_modules/<name>/`; a package that is
 * not installed keeps its bare name, so both spellings are matched.
 */

/** A pattern for the packages of these names, installed or not. Scopes (`@aws-sdk`) match all their packages. */
const packages = (...names) => {
  const alternatives = names.join('|');
  return `(^|/)node_modules/(@types/)?(${alternatives})(/|$)|^(${alternatives})(/|$)`;
};

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-imports-only-neverthrow-and-core',
      comment: 'The core is pure: no platform module, no library but neverthrow, nothing from the outer folders.',
      severity: 'error',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', packages('neverthrow')] },
    },
    {
      name: 'contracts-import-only-io-ts-and-fp-ts',
      comment: 'The contract is the wire and nothing else; a client can take the folder as it is.',
      severity: 'error',
      from: { path: '^contracts/' },
      to: { pathNot: ['^contracts/', packages('io-ts', 'fp-ts')] },
    },
    {
      name: 'adapters-import-no-other-adapter',
      comment: 'What two adapters share is a port or a model of the core, or belongs to neither.',
      severity: 'error',
      from: { path: '^adapters/([^/]+)/' },
      to: { path: '^adapters/', pathNot: '^adapters/$1/' },
    },
    {
      name: 'adapters-import-no-host',
      comment: 'Arrows point inward: a host picks adapters, never the other way round.',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: '^hosts/' },
    },
    {
      name: 'adapters-import-no-contract',
      comment: 'The wire and a stored record change for different reasons; only the endpoint knows both.',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: '^contracts/' },
    },
    {
      name: 'hosts-import-no-other-host',
      comment:
        'A host is one process. Two hosts meet in the core and in the wiring that both are made of, not in each other.',
      severity: 'error',
      from: { path: '^hosts/([^/]+)/' },
      to: { path: '^hosts/', pathNot: ['^hosts/$1/', '^hosts/wiring/'] },
    },
    {
      name: 'inversify-only-in-hosts',
      comment: 'Wiring is a host matter: everything else is built and tested with plain object literals.',
      severity: 'error',
      from: { pathNot: ['^hosts/', '^(core|contracts)/'] },
      to: { path: packages('inversify', '@inversifyjs', 'reflect-metadata') },
    },
    {
      name: 'io-ts-only-in-contracts-and-hosts',
      comment: 'Codecs describe the wire and the configuration; core and adapters have types of their own.',
      severity: 'error',
      from: { pathNot: ['^(contracts|hosts)/', '^core/'] },
      to: { path: packages('io-ts', 'fp-ts') },
    },
    {
      name: 'express-only-in-hosts-express',
      comment:
        'HTTP is one way in. A use case, an adapter or another host that knows Express cannot be reached by another.',
      severity: 'error',
      from: { pathNot: ['^hosts/express/', '^(core|contracts)/'] },
      to: { path: packages('express', 'express-serve-static-core', 'helmet', 'swagger-ui-dist') },
    },
    {
      name: 'aws-sdk-only-in-adapters-aws',
      comment: 'The cloud is one set of adapters; a self-hosted install never loads it.',
      severity: 'error',
      from: { pathNot: ['^adapters/aws/', '^(core|contracts)/'] },
      to: { path: packages('@aws-sdk', '@smithy') },
    },
    {
      name: 'aws-cdk-only-in-hosts-ecs',
      comment: 'Infrastructure is described beside the service, not in it.',
      severity: 'error',
      from: { pathNot: ['^hosts/ecs/', '^(core|contracts)/'] },
      to: { path: packages('aws-cdk-lib', 'cdk-nag', 'constructs') },
    },
    {
      name: 'redis-only-in-adapters-redis',
      comment: 'Counting calls in Redis is an option; an installation without one never loads its client.',
      severity: 'error',
      from: { pathNot: ['^adapters/redis/', '^(core|contracts)/'] },
      to: { path: packages('redis', '@redis', 'ioredis') },
    },
    {
      name: 'opentelemetry-only-in-adapters-opentelemetry',
      comment: 'Traces are an option; an installation without a collector never loads what sends them.',
      severity: 'error',
      from: { pathNot: ['^adapters/opentelemetry/', '^(core|contracts)/'] },
      to: { path: packages('@opentelemetry') },
    },
    {
      name: 'no-circular-dependency',
      comment: 'Two modules that need each other, even for types alone, are one module or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-shipped-imports-tests-or-scripts',
      comment: 'The build contains the four production folders only.',
      severity: 'error',
      from: { path: '^(adapters|hosts)/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'nothing-shipped-imports-a-dev-dependency',
      comment:
        'It would work here and be missing after `npm ci --omit=dev`. Types alone are erased, so they are fine. What' +
        ' describes the infrastructure is never shipped.',
      severity: 'error',
      from: { path: '^(adapters|hosts)/', pathNot: '^hosts/ecs/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-orphan-module',
      comment: 'A module that nothing uses and that uses nothing is left over. Entry points live in hosts/.',
      severity: 'error',
      from: { path: '^(core|adapters|contracts)/', orphan: true },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^(test|scripts)/'] },
    // Sees `import type` too: an erased import is still a sentence about who knows whom.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
