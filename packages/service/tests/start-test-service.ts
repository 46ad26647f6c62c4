import {
  ANYONE,
  createLog,
  createMetrics,
  createServiceApp,
  listen,
  systemAmbient,
  type Listener,
  type PermissionTable,
  type ClientPolicy,
  type ServiceDeps,
  type ServiceEnv,
  type ServiceOptions,
} from '@arc3088/service'
import { RegistryError } from '@arc3088/problems'
import type { OpenAPIHono } from '@hono/zod-openapi'

/** A service on a port of its own. Its bearers are called by their roles: `Bearer officer`. */
export interface TestService extends AsyncDisposable {
  readonly url: string
  readonly listener: Listener
  readonly deps: ServiceDeps
  /** What the log said, a line each. */
  readonly logged: readonly string[]
  request(path: string, init?: RequestInit): Promise<Response>
}

/** Mounts routes on a service app and listens. */
export async function startTestService(
  mount: (app: OpenAPIHono<ServiceEnv>, deps: ServiceDeps) => void,
  options: ServiceOptions & { permissions?: PermissionTable; host?: string; clients?: ClientPolicy } = {},
): Promise<TestService> {
  const { permissions = {}, host = '127.0.0.1', clients, ...serviceOptions } = options
  const logged: string[] = []
  const deps: ServiceDeps = {
    ambient: systemAmbient(),
    log: createLog({
      level: 'debug',
      service: 'test',
      destination: { write: (line) => void logged.push(line) },
    }),
    metrics: createMetrics('test'),
    permissions,
    clients,
    authenticate: async (authorization) => {
      if (authorization === undefined) return ANYONE
      const [, role] = authorization.split(' ')
      if (role === undefined || role === 'nobody') throw new RegistryError('unauthenticated', 'Who is that?')
      return { kind: 'operator', id: role, roles: [role] }
    },
  }
  const app = createServiceApp(deps, serviceOptions)
  mount(app, deps)
  const listener = await listen(app.fetch, { host, port: 0 })
  const url = `http://${host.includes(':') ? `[${host === '::' ? '::1' : host}]` : host}:${listener.port}`
  return {
    url,
    listener,
    deps,
    logged,
    request: (path, init) => fetch(`${url}${path}`, init),
    [Symbol.asyncDispose]: () => listener.stop(0),
  }
}

/** Reads a JSON object of an answer. */
export async function readJson(response: Response): Promise<Record<string, unknown>> {
  const body: unknown = await response.json()
  if (typeof body !== 'object' || body === null) throw new Error('the answer is not a JSON object')
  return { ...body }
}
