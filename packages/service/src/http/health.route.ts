import { RegistryError } from '@arc3088/problems'
import type { Hono } from 'hono'

import type { Log } from '../log.ts'
import type { ServiceEnv } from './service-env.ts'

/** One thing that must hold before a node takes work; throws when it does not. A RegistryError's detail is told. */
export interface ReadinessCheck {
  readonly name: string
  /** Its failure is told, and does not take the node out of service: it does a part of its work all the same. */
  readonly isAdvisory?: true
  check(): Promise<void>
}

/** What `/version` tells. */
export interface VersionInfo {
  readonly service: string
  readonly version: string
}

const READINESS_SECONDS_MAX = 2

/**
 * `/livez`: the process answers. `/readyz`: it can do its work (`degraded`: a part of it),
 * or 503; naming what fails. `/metrics`:
 * Prometheus text. `/version`: what runs. All four need no credential and are never cached.
 */
export function mountHealth(
  app: Hono<ServiceEnv>,
  version: VersionInfo,
  checks: readonly ReadinessCheck[],
): void {
  app.get('/livez', (c) => c.json({ status: 'ok' }, 200, NO_STORE))
  app.get('/version', (c) => c.json(version, 200, NO_STORE))
  app.get('/metrics', async (c) => {
    const { metrics, log } = c.get('service')
    const text = await metrics.exposition((source, error) =>
      log.warn({ 'metrics.source': source, err: error }, 'some figures could not be read'),
    )
    return c.body(text, 200, { ...NO_STORE, 'content-type': metrics.registry.contentType })
  })
  app.get('/readyz', async (c) => {
    const results = await Promise.all(checks.map((check) => runCheck(check, c.get('service').log)))
    const isReady = results.every((result, nth) => result.ok || checks[nth]?.isAdvisory === true)
    const isWhole = results.every((result) => result.ok)
    const status = isReady ? (isWhole ? 'ok' : 'degraded') : 'unready'
    return c.json({ status, checks: results }, isReady ? 200 : 503, NO_STORE)
  })
}

const NO_STORE = { 'cache-control': 'no-store' }

/** Anybody may ask, so only a refusal's public detail is told; whatever else went wrong is for the log. */
async function runCheck(
  { name, check }: ReadinessCheck,
  log: Log,
): Promise<{ name: string; ok: boolean; detail?: string }> {
  const deadline = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => deadline.reject(new RegistryError('service-unavailable', 'no answer in time')),
    READINESS_SECONDS_MAX * 1000,
  )
  try {
    await Promise.race([check(), deadline.promise])
    return { name, ok: true }
  } catch (error) {
    if (error instanceof RegistryError) return { name, ok: false, detail: error.message }
    log.warn({ 'readiness.check': name, err: error }, 'a readiness check failed')
    return { name, ok: false }
  } finally {
    clearTimeout(timer)
  }
}
