import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { readAlerts, readMetrics, readRules } from '../generate/metrics.ts'
import { root } from '../subprocess.ts'

describe('the alerts', () => {
  const alerts = readAlerts(readRules())

  test('have names of their own, and are all read', () => {
    expect(alerts).toHaveLength(readRules().match(/alert:/g)?.length ?? 0)
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length)
    for (const { severity } of alerts) expect(['page', 'ticket']).toContain(severity)
  })

  test.each(alerts)(
    '$name asks for figures that are declared, by labels that they have',
    async ({ expr }) => {
      const metrics = await readMetrics()
      const asked = [...expr.matchAll(/\b(arc3088_\w+|up)(?:\{(\w+)=)?/g)]
      expect(asked).not.toEqual([])
      for (const [, name = '', label] of asked) {
        if (name === 'up') continue
        const metric = metrics.get(name)
        expect([name, metric?.kind]).toEqual([name, expect.any(String)])
        expect(metric?.labels ?? []).toEqual(expect.arrayContaining(label === undefined ? [] : [label]))
      }
    },
  )

  test.each(alerts)('$name names a document of the operator’s manual', ({ summary }) => {
    const [, document = ''] = /\((\S+\.md)\)$/.exec(summary) ?? []
    expect(existsSync(join(root, 'docs/operations', document))).toBe(true)
  })
})

test('each figure is named by its unit, as Prometheus has them', async () => {
  const units = /_(total|seconds|bytes|entries|transactions|changes|numbers|witnesses)$/
  const plain = /_(up|term|good|writable|dirty|forks|waiting|pending|unproven|troubles|read_only)$/
  for (const [name, { kind, help }] of await readMetrics()) {
    expect(name).toMatch(kind === 'counter' ? /_total$/ : new RegExp(`${units.source}|${plain.source}`))
    expect(help).not.toMatch(/[|\n]/)
  }
})
