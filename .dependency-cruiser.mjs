/**
 * Who may import whom (docs: ARCHITECTURE.md). tools/check/boundaries.ts runs these rules and makes sure that every
 * module was seen; tools/check/boundaries.test.ts proves of each rule that it can fail.
 */

/** Package → packages it may import. What is not listed here may not be imported by any package. */
const PACKAGES = {
  codec: [],
  problems: [],
  'strict-json': [],
  tlog: ['problems'],
  records: ['codec', 'problems', 'strict-json'],
  trust: ['records', 'tlog', 'codec', 'problems'],
  client: ['trust', 'records', 'tlog', 'codec', 'problems'],
  db: [],
  service: ['problems', 'strict-json', 'db', 'codec'],
  issuer: ['service', 'db', 'trust', 'records', 'tlog', 'codec', 'problems'],
  'pkcs11-signer': ['records'],
  'local-postgres': [],
  testkit: ['db', 'local-postgres', 'records'],
}

/** These run in a browser too. */
const BROWSER_SAFE = ['codec', 'problems', 'strict-json', 'records', 'tlog', 'trust', 'client']

/** Where a service's file roles hold: route → use case → store and pure. */
const SERVICES = '^(apps/(root|provider|resolver|console)|packages/issuer)/src/'
const TEST = String.raw`(\.test\.ts$|^(apps|packages)/[^/]+/tests/)`
const ROUTES = String.raw`(\.route\.tsx?$|/app\.ts$|/http/)`
/** Chosen under the condition "node" by package.json "imports"; elsewhere its twin is. */
const NODE_ONLY = String.raw`\.node\.ts$`
const STORES = String.raw`(\.store\.ts$|/db/|/deps\.ts$)`

/** A package by name, resolved or (where it is not declared, so not installed) as written. */
const ours = (names) => `^(packages/|@arc3088/)(${names.join('|')})(/|$)`
const theirs = (names) => `(^|node_modules/)(${names.join('|')})(/|$)`

const packageRules = Object.entries(PACKAGES).map(([name, allowed]) => ({
  name: `package-${name}`,
  comment: `packages/${name} may import ${allowed.join(', ') || 'no other package'}`,
  severity: 'error',
  from: { path: `^packages/${name}/src/`, pathNot: TEST },
  to: { path: '^(packages/|apps/|@arc3088/)', pathNot: ours([name, ...allowed]) },
}))

const rules = [
  ...packageRules,
  {
    name: 'app-imports-app',
    comment: 'apps meet over HTTP, through client',
    from: { path: '^apps/([^/]+)/' },
    to: { path: '^(apps/|@arc3088/(root|provider|resolver|console|cli|sandbox)$)', pathNot: '^apps/$1/' },
  },
  {
    name: 'package-by-its-door',
    comment: 'a package is its index.ts; what that does not export is nobody else’s business',
    from: { path: '^(apps|packages)/([^/]+)/' },
    to: { path: '^packages/[^/]+/', pathNot: [String.raw`^packages/[^/]+/src/index\.ts$`, '^$1/$2/'] },
  },
  {
    name: 'testkit-in-tests',
    comment: 'testkit is for tests',
    from: { path: '^(apps|packages)/', pathNot: [TEST, '^packages/testkit/'] },
    to: { path: ours(['testkit']) },
  },
  {
    name: 'local-postgres-users',
    comment: 'only sandbox, testkit and bench start PostgreSQL',
    from: {
      path: '^(apps|packages)/',
      pathNot: [TEST, '^(apps/sandbox|packages/(testkit|local-postgres))/'],
    },
    to: { path: ours(['local-postgres']) },
  },
  {
    name: 'test-imported',
    comment: 'tests are for running',
    from: { path: '^(apps|packages)/', pathNot: TEST },
    to: { path: TEST },
  },
  {
    name: 'main-imported',
    comment: 'main.ts is for running; it reads process, the rest is given what it needs',
    from: { path: '^apps/', pathNot: TEST },
    to: { path: String.raw`^apps/[^/]+/src/main\.ts$` },
  },
  {
    name: 'browser-safe',
    comment: 'runs in a browser too: no node: module, but in a *.node.ts that has a twin for browsers',
    from: { path: `^packages/(${BROWSER_SAFE.join('|')})/src/`, pathNot: [TEST, NODE_ONLY] },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'hono-in-routes',
    comment: 'HTTP is spoken in *.route.ts, app.ts and http/ alone',
    from: { path: SERVICES, pathNot: [TEST, ROUTES] },
    to: { path: theirs(['hono', '@hono/[^/]+']) },
  },
  {
    name: 'sql-in-stores',
    comment:
      'SQL is spoken in *.store.ts, db/ and deps.ts alone; a use case may name the type of its transaction',
    from: { path: SERVICES, pathNot: [TEST, STORES] },
    to: { path: theirs(['kysely', 'pg']), dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'route-imports-store',
    comment: 'a route asks a use case',
    from: { path: String.raw`\.route\.tsx?$` },
    to: { path: String.raw`\.store\.ts$` },
  },
  { name: 'cycle', comment: 'no two files need each other', from: {}, to: { circular: true } },
  {
    name: 'development-dependency',
    comment: 'what runs in production is in "dependencies"',
    from: { path: '^(apps|packages)/[^/]+/src/', pathNot: TEST },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'unresolved',
    comment: 'does not resolve: not declared, or misspelt',
    from: {},
    to: { couldNotResolve: true },
  },
].map((rule) => ({ severity: 'error', ...rule }))

export default {
  forbidden: rules,
  options: {
    doNotFollow: { path: 'node_modules' },
    // Ours only: most installed packages keep their code in dist/ too, and must be seen.
    exclude: { path: '^(apps|packages)/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@arc3088/source', 'import', 'node', 'types', 'default'],
    },
  },
}
