import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { ensureBuilt } from '../tools/boot/build.mjs'
import type { BenchOptions } from './bench-options.ts'
import { type BenchFigure, type BenchResult, isMet } from './bench-result.ts'

const HERE = import.meta.dirname
const SUFFIX = '.bench.ts'
/** Too long for a run of everything; named on the command line it runs. */
const ONLY_BY_NAME = new Set(['growth'])

/**
 * `node bench/main.ts [--smoke] [--source] [row…]`: runs the rows named, or all. A goal missed is printed, not an error:
 * figures inform. A row that could not keep its own promises (a request failed, a guarantee was off) is an error.
 */
async function main(args: readonly string[]): Promise<void> {
  const { values, positionals: named } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { smoke: { type: 'boolean', default: false }, source: { type: 'boolean', default: false } },
  })
  const options: BenchOptions = { smoke: values.smoke, fromSource: values.source }
  // As operators run them; boot has put the repository's own programs on the path.
  if (!options.fromSource) await ensureBuilt('everything', process.env)
  const rows = (await readdir(HERE))
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
  const unknown = named.filter((row) => !rows.includes(row))
  if (unknown.length > 0)
    throw new Error(`no such row: ${unknown.join(', ')}; there are ${rows.toSorted().join(', ')}`)
  const chosen = named.length > 0 ? named : rows.toSorted().filter((row) => !ONLY_BY_NAME.has(row))
  for (const row of chosen) {
    const { run } = (await import(join(HERE, `${row}${SUFFIX}`))) as {
      run: (options: BenchOptions) => Promise<BenchResult>
    }
    const from = performance.now()
    const result = await run(options)
    print(result)
    console.log(`  ${Math.round((performance.now() - from) / 1000)} s in all.`)
    if (options.smoke) console.log('  A smoke run: its figures mean nothing, and are not kept.')
    else await keep(result)
  }
}

function print(result: BenchResult): void {
  console.log(
    `\n${result.row}  ${Object.entries(result.setting)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
  )
  console.table(Object.fromEntries(result.figures.map((figure) => [figure.work, rowOf(figure)])))
  for (const note of result.notes) console.log(`  ${note}`)
}

function rowOf(figure: BenchFigure): Record<string, string> {
  const { ratio } = figure
  const met = isMet(figure)
  return {
    figure: `${readable(figure.figure)} ${figure.unit} ±${Math.round(figure.spread * 100)}%`,
    'limit or peer': figure.peer ?? '',
    'its figure': figure.peerFigure === undefined ? '' : readable(figure.peerFigure),
    ratio: ratio === undefined ? '' : ratio.toFixed(2),
    goal: figure.goal === undefined ? '' : `≥ ${Number(figure.goal.toFixed(2))}`,
    met: met === undefined ? '' : met ? 'yes' : 'NO',
  }
}

function readable(n: number): string {
  if (n >= 1e6) return `${(n / 1e6).toFixed(2)} M`
  return n < 100 ? n.toPrecision(3) : Math.round(n).toLocaleString('en')
}

async function keep(result: BenchResult): Promise<void> {
  await mkdir(join(HERE, 'results'), { recursive: true })
  const figures = result.figures.map((figure) => ({ ...figure, met: isMet(figure) }))
  const text = JSON.stringify(
    { ...result, figures, node: process.version, at: new Date(Date.now()).toISOString() },
    null,
    2,
  )
  await writeFile(join(HERE, 'results', `${result.row}.json`), `${text}\n`)
}

await main(process.argv.slice(2))
