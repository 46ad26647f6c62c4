import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { root } from '../subprocess.ts'

/** A figure as packages/service declares it. */
export interface DeclaredMetric {
  readonly kind: string
  readonly help: string
  readonly tellers: readonly string[]
  readonly labels?: readonly string[]
}

const RULES = 'infra/prometheus/arc3088.rules.yml'

const HEAD = `# Figures and alerts

\`GET /metrics\` of every node, as Prometheus reads it; made from \`packages/service/src/metric-catalogue.ts\` by \`npm run generate\`.
It needs no credential: let nobody but the monitoring reach it (\`infra/nginx\` does). Each sample also has \`service\`.
Figures that come from the database are read when they are asked for, in two seconds at most; what cannot be read is left out, and
\`arc3088_metric_source_up\` says so. Each process of a node tells its own: take the maximum where they differ.
`

/** What the code declares, by name. */
export async function readMetrics(): Promise<ReadonlyMap<string, DeclaredMetric>> {
  const file = pathToFileURL(join(root, 'packages/service/src/metric-catalogue.ts')).href
  const { METRICS } = (await import(file)) as { METRICS: Readonly<Record<string, DeclaredMetric>> }
  return new Map(Object.entries(METRICS))
}

/** An alert of the rules. */
export interface Alert {
  readonly name: string
  readonly expr: string
  readonly wait: string
  readonly severity: string
  readonly summary: string
}

/** The alerts of the file, which is written one way so that no parser of YAML is needed. @throws Error for another. */
export function readAlerts(text: string): Alert[] {
  const blocks = text.split(/^ {6}- alert: /m).slice(1)
  return blocks.map((block) => {
    const [, name, expr, wait, severity, summary] =
      /^(\w+)\n {8}expr: (.+)\n {8}for: (\w+)\n {8}labels: \{ severity: (\w+) \}\n {8}annotations:\n {10}summary: '(.+)'\n/.exec(
        block,
      ) ?? []
    if (
      name === undefined ||
      expr === undefined ||
      wait === undefined ||
      severity === undefined ||
      summary === undefined
    )
      throw new Error(`an alert of ${RULES} is not written as the others are:\n${block}`)
    return { name, expr, wait, severity, summary }
  })
}

export const readRules = (): string => readFileSync(join(root, RULES), 'utf8')

/** docs/operations/metrics.md: what is told, and what wakes whom. */
export async function generateMetricDocument(): Promise<ReadonlyMap<string, string>> {
  const figures = [...(await readMetrics())].map(
    ([name, { kind, help, tellers, labels = [] }]) =>
      `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${tellers.join(', ')} | ${help} |`,
  )
  const alerts = readAlerts(readRules()).map(
    ({ name, expr, wait, severity, summary }) =>
      `| \`${name}\` | ${severity} | \`${expr.replaceAll('|', String.raw`\|`)}\` for ${wait} | ${summary} |`,
  )
  const text = [
    HEAD,
    '## Figures\n',
    '| name | kind | labels | of | what |',
    '|---|---|---|---|---|',
    ...figures,
    `\n## Alerts\n\n\`${RULES}\`; \`page\` wakes somebody, \`ticket\` can wait for the morning.\n`,
    '| alert | severity | when | what to look at |',
    '|---|---|---|---|',
    ...alerts,
    '',
  ].join('\n')
  return new Map([['docs/operations/metrics.md', text]])
}
