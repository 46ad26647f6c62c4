import { RegistryError } from '@arc3088/problems'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'

import { clientAddress, isOwnMachine, networkOf, type TrustedProxies } from './client-address.ts'
import { rateLimitExtra, type RateLimit } from './rate-limit-headers.ts'
import type { ServiceEnv } from './service-env.ts'
import { createTokenBuckets, type TokenBuckets } from './token-buckets.ts'

/** Said of the service itself, and asked by those who keep it; never refused. */
const NEVER_LIMITED: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics', '/version'])

const NOBODY: TrustedProxies = () => false

/** The address of whoever asks; undefined for an app that is called without a connection, as in a test. */
export function addressOf(c: Context<ServiceEnv>): string | undefined {
  return clientAddress(...callOf(c))
}

/** The address of the connection, what it says of whom it speaks for, and who is believed. */
function callOf(c: Context<ServiceEnv>): Parameters<typeof clientAddress> {
  const env = c.env as Partial<HttpBindings> | undefined
  const trusted = c.get('service').clients?.trustedProxies ?? NOBODY
  return [env?.incoming?.socket.remoteAddress, c.req.header('x-forwarded-for'), trusted]
}

/**
 * Takes tokens of the client, and refuses with `rate-limited` where it has too few. What comes from this machine is not
 * limited: that is the monitoring, or a proxy that is not trusted to name its clients, and has to limit them itself.
 */
function demandTokens(
  c: Context<ServiceEnv>,
  limit: RateLimit,
  buckets: TokenBuckets,
  { count = 1, about = '' } = {},
): void {
  const call = callOf(c)
  if (isOwnMachine(...call)) return
  const seconds = buckets.take(
    `${networkOf(clientAddress(...call))} ${about}`,
    c.get('service').ambient.now().getTime(),
    count,
  )
  if (seconds === undefined) return
  throw new RegistryError('rate-limited', `At most ${limit.requests} requests in ${limit.perSeconds} s`, {
    extra: rateLimitExtra(limit, seconds),
  })
}

/** Limits the clients of one address, by a bucket each. */
export function limitClients(limit: RateLimit) {
  const buckets = createTokenBuckets(limit)
  return createMiddleware<ServiceEnv>((c, next) => {
    demandTokens(c, limit, buckets)
    return next()
  })
}

/** As `limitClients`, for a route that has to read first what it counts apart: one bucket for each address and word. */
export function countClients(limit: RateLimit): (c: Context<ServiceEnv>, about: string) => void {
  const buckets = createTokenBuckets(limit)
  return (c, about) => demandTokens(c, limit, buckets, { about })
}

/** Limits what each client reads of a whole service; a route that reads many at once has `spendReads` for them. */
export function limitReads(limit: RateLimit) {
  const buckets = createTokenBuckets(limit)
  return createMiddleware<ServiceEnv>((c, next) => {
    if (isRead(c)) demandTokens(c, limit, buckets)
    c.set('spendReads', (count) => demandTokens(c, limit, buckets, { count }))
    return next()
  })
}

function isRead({ req }: Context<ServiceEnv>): boolean {
  return (req.method === 'GET' || req.method === 'HEAD') && !NEVER_LIMITED.has(req.path)
}

/** The limit of reads as the environment has it: so many a minute, or none. */
export function readsPerMinute(requests: number): RateLimit | undefined {
  return requests === 0 ? undefined : { name: 'public-reads', requests, perSeconds: 60 }
}
