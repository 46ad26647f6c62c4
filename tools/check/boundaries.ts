import { globSync } from 'node:fs'
import { join } from 'node:path'

import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser'

import config from '../../.dependency-cruiser.mjs'
import type { Outcome } from '../subprocess.ts'

export interface Violation {
  readonly rule: string
  readonly from: string
  readonly to: string
}

/**
 * Holds the tree below `folder` (apps/, packages/) against the rules of .dependency-cruiser.mjs. Fails too when a
 * module was not seen: the cruiser is silent, and green, when it cannot read TypeScript.
 */
export async function checkBoundaries(folder: string): Promise<Outcome> {
  const { violations, unseen, seen } = await findViolations(folder)
  const lines = [
    ...violations.map(({ rule, from, to }) => `${from} → ${to}: ${rule} (${commentOf(rule)})`),
    ...unseen.map((file) => `${file}: was not seen`),
    ...(seen === 0 ? ['no module was seen'] : []),
  ]
  return { code: lines.length === 0 ? 0 : 1, output: lines.join('\n') }
}

export async function findViolations(
  folder: string,
): Promise<{ violations: Violation[]; unseen: string[]; seen: number }> {
  const { options, forbidden } = config
  const { output } = await cruise(['apps', 'packages'], {
    ...options,
    baseDir: folder,
    validate: true,
    ruleSet: { forbidden },
  } as ICruiseOptions)
  if (typeof output === 'string') throw new Error('the cruiser answered text')
  const result: ICruiseResult = output
  const seen = new Set(result.modules.map((module) => module.source))
  const sources = globSync('{apps,packages}/*/{src,tests}/**/*.{ts,tsx}', { cwd: folder })
  return {
    violations: result.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
    unseen: sources.filter((file) => !file.includes('node_modules') && !seen.has(file)).toSorted(),
    seen: sources.filter((file) => seen.has(file)).length,
  }
}

function commentOf(rule: string): string {
  return config.forbidden.find(({ name }) => name === rule)?.comment ?? rule
}

/** Where boundaries.test.ts keeps a tree that breaks every rule. */
export const fixtures = join(import.meta.dirname, 'fixtures')
