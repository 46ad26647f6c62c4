import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

import { METRICS, type GaugeName, type MetricDeclaration, type MetricName } from './metric-catalogue.ts'

/** A figure as it stands now. */
export interface Reading {
  readonly name: GaugeName
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

/** Where figures come from that are read when they are asked for. */
export interface MetricSource {
  readonly name: string
  read(): Promise<readonly Reading[]>
}

/** Figures of one node, in a registry of its own: several nodes can share a process in tests. */
export interface Metrics {
  readonly registry: Registry
  requestServed(method: string, status: number, milliseconds: number): void
  /** Whether the node refuses to write; told by nodes that can. */
  writesRefused(areRefused: boolean): void
  /** Has a source read at each exposition. */
  watch(source: MetricSource): void
  /**
   * Prometheus text. Sources are read once for all that ask meanwhile. What one of them told before is left out when it
   * fails, or takes longer than two seconds: no figure is better than an old one. `onFault` hears of it.
   */
  exposition(onFault?: (source: string, error: unknown) => void): Promise<string>
}

const SOURCE_SECONDS_MAX = 2

/** Builds the registry. Labels stay few: a path label would grow with every code that is asked for. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const served = new Counter({ ...declared('arc3088_http_requests_total'), registers: [registry] })
  const duration = new Histogram({
    ...declared('arc3088_http_request_seconds'),
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
    registers: [registry],
  })
  const gauges = new Map<GaugeName, Gauge>()
  const gauge = (name: GaugeName): Gauge => {
    const known = gauges.get(name) ?? new Gauge({ ...declared(name), registers: [registry] })
    gauges.set(name, known)
    return known
  }
  /** A gauge without labels is never empty, so that what is not known has none. */
  const leaveOut = (name: GaugeName): void => {
    registry.removeSingleMetric(name)
    gauges.delete(name)
  }
  const sources: WatchedSource[] = []
  let collecting: Promise<void> | undefined

  async function collect(onFault: (source: string, error: unknown) => void): Promise<void> {
    const results = await Promise.all(sources.map(readInTime))
    for (const [nth, { told, reading }] of sources.entries()) {
      const result = results[nth] ?? { error: new Error('not read') }
      told.forEach(leaveOut)
      told.clear()
      gauge('arc3088_metric_source_up').set({ source: reading.name }, 'readings' in result ? 1 : 0)
      if ('error' in result) onFault(reading.name, result.error)
      else
        for (const { name, value, labels = {} } of result.readings) {
          gauge(name).set(labels, value)
          told.add(name)
        }
    }
  }

  return {
    registry,
    requestServed(method, status, milliseconds) {
      served.inc({ method, status: `${Math.floor(status / 100)}xx` })
      duration.observe(milliseconds / 1000)
    },
    writesRefused(areRefused) {
      gauge('arc3088_read_only').set(areRefused ? 1 : 0)
    },
    watch(source) {
      sources.push({ reading: source, told: new Set(), running: undefined })
    },
    async exposition(onFault = () => undefined) {
      collecting ??= collect(onFault).finally(() => {
        collecting = undefined
      })
      await collecting
      return await registry.metrics()
    },
  }
}

interface WatchedSource {
  readonly reading: MetricSource
  readonly told: Set<GaugeName>
  /** What was asked before and has not answered: it is waited for, and not asked beside. */
  running: Promise<readonly Reading[]> | undefined
}

type SourceResult = { readonly readings: readonly Reading[] } | { readonly error: unknown }

async function readInTime(source: WatchedSource): Promise<SourceResult> {
  const { promise: late, resolve } = Promise.withResolvers<SourceResult>()
  const timer = setTimeout(
    () => resolve({ error: new Error('no figures in time') }),
    SOURCE_SECONDS_MAX * 1000,
  )
  source.running ??= Promise.resolve()
    .then(() => source.reading.read())
    .finally(() => {
      source.running = undefined
    })
  const answer = source.running.then(
    (readings): SourceResult => ({ readings }),
    (error: unknown): SourceResult => ({ error }),
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What prom-client is told of a figure: exactly what is declared. */
function declared(name: MetricName): { name: string; help: string; labelNames: string[] } {
  const { help, labels = [] }: MetricDeclaration = METRICS[name]
  return { name, help, labelNames: [...labels] }
}
