import type { ZodType } from 'zod'
import { z } from 'zod'

import { STATEMENT_BYTES_MAX, decodeCompact, signCompact, verifySignedPart } from './compact-jws.ts'
import type { PublicJwk } from './jwk.ts'
import type { Signer } from './signer.ts'
import type { CompactJws, Reading, Rejected, Verification } from './verification.ts'
import { rejected } from './verification.ts'

/** Signing, reading and verifying of one kind of document. */
export interface SignedDocument<T> {
  /**
   * Signs what the schema describes and nothing else.
   *
   * @throws TypeError for claims that are wrong or unknown: that is a bug in the caller.
   */
  sign(signer: Signer, claims: T): Promise<CompactJws>
  /** Decodes and checks the shape; the signature is not looked at. Unknown claims are left in the bytes. */
  read(text: string): Reading<T>
  /** As `read`, and one of `keys` signed it. Times are the caller's to judge. */
  verify(text: string, keys: readonly PublicJwk[]): Promise<Verification<T>>
}

export interface DocumentRules<T> {
  readonly typ: string
  readonly schema: ZodType<T>
  readonly bytesMax?: number
  /** What a schema cannot say: relations between claims. */
  readonly fault?: (claims: T) => Rejected | undefined
}

/** The first member of `given` that `kept` lost, since the schema did not know it; as a path. */
export function firstUnknownMember(given: unknown, kept: unknown, path = ''): string | undefined {
  if (typeof given !== 'object' || given === null || typeof kept !== 'object' || kept === null)
    return undefined
  const keptMembers = new Map<string, unknown>(Object.entries(kept))
  for (const [name, value] of Object.entries(given)) {
    const here = `${path}/${name}`
    if (!keptMembers.has(name)) return here
    const deeper = firstUnknownMember(value, keptMembers.get(name), here)
    if (deeper !== undefined) return deeper
  }
  return undefined
}

/** What a schema has against some claims, as one line. */
export function describeFault(error: z.ZodError): string {
  return z.prettifyError(error).replaceAll('\n', ' ')
}

/** Makes the three functions of a document from its `typ`, schema and further rules. */
export function defineDocument<T extends object>(rules: DocumentRules<T>): SignedDocument<T> {
  const { typ, schema, bytesMax = STATEMENT_BYTES_MAX, fault } = rules

  function shape(claims: unknown): { kind: 'shaped'; claims: T } | Rejected {
    const parsed = schema.safeParse(claims)
    if (!parsed.success) return rejected('claims-invalid', describeFault(parsed.error))
    return fault?.(parsed.data) ?? { kind: 'shaped', claims: parsed.data }
  }

  return {
    async sign(signer, claims) {
      const shaped = shape(claims)
      if (shaped.kind === 'rejected') throw new TypeError(`refusing to sign a ${typ}: ${shaped.detail}`)
      const unknown = firstUnknownMember(claims, shaped.claims)
      if (unknown !== undefined) throw new TypeError(`refusing to sign a ${typ} with unknown ${unknown}`)
      return await signCompact(signer, typ, claims)
    },
    read(text) {
      const decoded = decodeCompact(text, { typ, bytesMax })
      if (decoded.kind === 'rejected') return decoded
      const shaped = shape(decoded.claims)
      if (shaped.kind === 'rejected') return shaped
      return { kind: 'read', claims: shaped.claims, kid: decoded.header.kid, jws: decoded.jws }
    },
    async verify(text, keys) {
      const decoded = decodeCompact(text, { typ, bytesMax })
      if (decoded.kind === 'rejected') return decoded
      const bad = await verifySignedPart(decoded, keys)
      if (bad !== undefined) return bad
      const shaped = shape(decoded.claims)
      if (shaped.kind === 'rejected') return shaped
      return { kind: 'verified', claims: shaped.claims, kid: decoded.header.kid, jws: decoded.jws }
    },
  }
}
