import { RegistryError } from '@arc3088/problems'
import {
  MEDIA_TYPE,
  readRegistryRequest,
  timeFault,
  verifyRegistryRequest,
  type PublicJwk,
  type RegistryRequest,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { z } from 'zod'

import type { RootDeps } from '../deps.ts'

/** A request of another node as it came in (wire-format W11). */
export interface ReceivedRequest {
  readonly jws: string
  readonly method: string
  readonly path: string
}

/** What is read of an HTTP request. */
interface HttpRequest {
  readonly method: string
  readonly path: string
  header(name: string): string | undefined
  text(): Promise<string>
}

/** Takes a signed request from its HTTP request. @throws RegistryError `media-type-unsupported`. */
export async function receiveRequest(request: HttpRequest): Promise<ReceivedRequest> {
  if (request.header('content-type')?.split(';')[0]?.trim() !== MEDIA_TYPE.registryRequest) {
    throw new RegistryError('media-type-unsupported', `Send ${MEDIA_TYPE.registryRequest}`)
  }
  return { jws: await request.text(), method: request.method, path: request.path }
}

/** Reads the body that a request claims, unverified: by it, or by its issuer, the key is found that must have signed it. */
export function readClaimedBody<Schema extends z.ZodType>(
  received: ReceivedRequest,
  schema: Schema,
): { iss: string; body: z.output<Schema> } {
  const read = readRegistryRequest(received.jws)
  if (read.kind === 'rejected') throw new RegistryError('request-invalid', `${read.reason}: ${read.detail}`)
  const parsed = schema.safeParse(read.claims.body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const where = issue?.path.join('.') ?? ''
    throw new RegistryError('request-invalid', `body.${where}: ${issue?.message ?? 'is not valid'}`)
  }
  return { iss: read.claims.iss, body: parsed.data }
}

/**
 * Demands that one of the keys signed this request, for this node, this method and this path, now.
 *
 * @throws RegistryError `request-signature-invalid`.
 */
export async function demandSignedBy(
  { node }: RootDeps,
  received: ReceivedRequest,
  keys: readonly PublicJwk[],
): Promise<RegistryRequest> {
  const refuse = (detail: string) => new RegistryError('request-signature-invalid', detail)
  const verified = await verifyRegistryRequest(received.jws, keys)
  if (verified.kind === 'rejected') throw refuse(`${verified.reason}: ${verified.detail}`)
  const { claims: request } = verified
  const fault = timeFault(request, numericDate(node.ambient.now()))
  if (fault !== undefined) throw refuse(`The request is ${fault}`)
  if (request.aud !== node.entityId) throw refuse(`The request is for ${request.aud}`)
  if (request.method !== received.method || request.path !== received.path) {
    throw refuse(`The request is for ${request.method} ${request.path}`)
  }
  return request
}
