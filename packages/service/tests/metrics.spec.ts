import { mountHealth, type MetricSource } from '@arc3088/service'
import { describe, expect, test } from 'vitest'

import { startTestService } from './start-test-service.ts'

const start = (...sources: readonly MetricSource[]) =>
  startTestService((app, { metrics }) => {
    mountHealth(app, { service: 'test', version: '1' }, [])
    for (const source of sources) metrics.watch(source)
  })

describe('a source of figures', () => {
  test('is read at each exposition, and what it tells no more is left out', async () => {
    let size: number | undefined = 7
    await using service = await start({
      name: 'log',
      read: () =>
        Promise.resolve(size === undefined ? [] : [{ name: 'arc3088_log_size_entries', value: size }]),
    })
    const read = async () => await (await service.request('/metrics')).text()
    expect(await read()).toContain('arc3088_log_size_entries{service="test"} 7\n')
    size = 8
    expect(await read()).toContain('arc3088_log_size_entries{service="test"} 8\n')
    size = undefined
    const text = await read()
    expect(text).not.toContain('arc3088_log_size_entries')
    expect(text).toContain('arc3088_metric_source_up{source="log",service="test"} 1\n')
  })

  test('that fails tells nothing, not what it told before, and the others are told', async () => {
    let isFailing = false
    await using service = await start(
      {
        name: 'log',
        read() {
          if (isFailing) throw new Error('connect 10.0.0.7 as hunter2')
          return Promise.resolve([{ name: 'arc3088_log_term', value: 3 }])
        },
      },
      { name: 'numbering', read: () => Promise.resolve([{ name: 'arc3088_proposals_pending', value: 2 }]) },
    )
    expect(await (await service.request('/metrics')).text()).toContain('arc3088_log_term{service="test"} 3')
    isFailing = true
    const text = await (await service.request('/metrics')).text()
    expect(text).not.toContain('arc3088_log_term')
    expect(text).not.toContain('hunter2')
    expect(text).toContain('arc3088_metric_source_up{source="log",service="test"} 0\n')
    expect(text).toContain('arc3088_proposals_pending{service="test"} 2\n')
    expect(service.logged.join('')).toContain('hunter2')
    isFailing = false
    expect(await (await service.request('/metrics')).text()).toContain('arc3088_log_term{service="test"} 3')
  })

  test('that never answers holds up nobody, and is not asked twice', async () => {
    let asked = 0
    await using service = await start({
      name: 'stuck',
      read() {
        asked++
        return new Promise(() => undefined)
      },
    })
    const texts = await Promise.all(
      Array.from({ length: 3 }, async () => await (await service.request('/metrics')).text()),
    )
    for (const text of [...texts, await (await service.request('/metrics')).text()])
      expect(text).toContain('arc3088_metric_source_up{source="stuck",service="test"} 0\n')
    expect(asked).toBe(1)
  })

  test('has its labels told', async () => {
    await using service = await start({
      name: 'witnesses',
      read: () =>
        Promise.resolve([
          { name: 'arc3088_witness_silent_seconds', value: 0, labels: { witness: 'https://a.example/' } },
          { name: 'arc3088_witness_silent_seconds', value: 61, labels: { witness: 'https://b.example/' } },
        ]),
    })
    const text = await (await service.request('/metrics')).text()
    expect(text).toContain('arc3088_witness_silent_seconds{witness="https://a.example/",service="test"} 0\n')
    expect(text).toContain('arc3088_witness_silent_seconds{witness="https://b.example/",service="test"} 61\n')
  })
})
