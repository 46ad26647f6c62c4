export { numericDate, systemAmbient, type Ambient } from './ambient.ts'
export { hashTokenSecret, isTokenSecret, mintApiToken, readApiToken, type ApiToken } from './api-token.ts'
export {
  ConfigError,
  EntityId,
  IssuingNodeEnvironment,
  NodeEnvironment,
  readConfiguredFile,
  readEnvironment,
} from './config.ts'
export { createLog, LOG_LEVELS, type Log } from './log.ts'
export { METRICS, type GaugeName, type MetricDeclaration, type MetricName } from './metric-catalogue.ts'
export { createMetrics, type Metrics, type MetricSource, type Reading } from './metrics.ts'
export { demandPermission, isPermitted, type PermissionTable } from './permissions.ts'
export {
  ANYONE,
  createAuthenticator,
  TOKEN_CACHE_SECONDS,
  type Authenticate,
  type Authenticator,
  type Credential,
  type FindTokenHolder,
  type Principal,
  type TokenHolder,
} from './principal.ts'
export { UNDELIVERED } from './undelivered.ts'
export { repeat, type RepeatOptions, type Repetition } from './repeat.ts'
export { runUntilStopped, type ProcessLike, type Stoppable } from './run.ts'
export { answerStream, type AnswerStream } from './http/answer-stream.ts'
export { BODY_BYTES_MAX } from './http/body-bound.ts'
export {
  cacheableHeaders,
  etagOf,
  matchesEtag,
  sendCacheable,
  sendCacheableJson,
  type CacheableDocument,
} from './http/cacheable.ts'
export type { ExpressAnswer, ExpressLane, ExpressRequest, ExpressRoute } from './http/express-lane.ts'
export { guard, PUBLIC } from './http/guard.ts'
export { mountHealth, type ReadinessCheck, type VersionInfo } from './http/health.route.ts'
export { readIdempotencyKey, type IdempotencyKey } from './http/idempotency-key.ts'
export { limitRoutes, type ServiceLimits } from './http/limits.route.ts'
export { AskedInstant } from './http/asked-instant.ts'
export { allowLongBody, answerClientError } from './http/long-body.ts'
export { listen, type Listener, type ListenOptions } from './http/listen.ts'
export { negotiate } from './http/negotiation.ts'
export { describeApp, mountOpenApi } from './http/openapi.ts'
export { PAGE_ITEMS_MAX, PAGE_QUERY, pageResponse, toPage } from './http/page.ts'
export { COMMON_PROBLEMS, Problem, problems } from './http/problem-responses.ts'
export { readTrustedProxies, type ClientPolicy, type TrustedProxies } from './http/client-address.ts'
export { countClients, limitClients, readsPerMinute } from './http/client-policy.ts'
export { limitRate, type RateLimit } from './http/rate-limit.ts'
export { renderFederationError, renderProblem } from './http/render-error.ts'
export { createRoutes, createServiceApp, type ServiceOptions } from './http/service-app.ts'
export { registerSchema } from './http/register-schema.ts'
export { servedOnlyAt } from './http/served-only-at.ts'
export type { ServiceDeps, ServiceEnv } from './http/service-env.ts'
export { refuseInvalidRequest } from './http/validation.ts'
export { judgeAddress, judgeUrl, type DoorPolicy } from './outbound/address.ts'
export type { OutboundRequest, OutboundResponse } from './outbound/exchange.ts'
export { openOutboundDoor, type DoorOptions, type OutboundDoor } from './outbound/outbound-door.ts'
