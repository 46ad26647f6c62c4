import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Figures of one node, in a registry of its own: several nodes can share a process in tests. */
export interface Metrics {
  readonly registry: Registry
  requestServed(method: string, status: number, milliseconds: number): void
  /** Whether the node refuses to write; told by nodes that can. */
  writesRefused(areRefused: boolean): void
}

/** Builds the registry. Labels stay few: a path label would grow with every code that is asked for. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const served = new Counter({
    name: 'arc3088_http_requests_total',
    help: 'Requests answered, by method and status class',
    labelNames: ['method', 'status'],
    registers: [registry],
  })
  const duration = new Histogram({
    name: 'arc3088_http_request_seconds',
    help: 'Time from request to answer',
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
    registers: [registry],
  })
  let readOnly: Gauge | undefined
  return {
    registry,
    requestServed(method, status, milliseconds) {
      served.inc({ method, status: `${Math.floor(status / 100)}xx` })
      duration.observe(milliseconds / 1000)
    },
    writesRefused(areRefused) {
      readOnly ??= new Gauge({
        name: 'arc3088_read_only',
        help: '1 while the node reads and does not write',
        registers: [registry],
      })
      readOnly.set(areRefused ? 1 : 0)
    },
  }
}
