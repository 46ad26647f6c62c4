import { existsSync } from 'node:fs'

import {
  parseStrictJson,
  PublicJwk,
  publicJwkOf,
  readEntityConfiguration,
  readRootSigningRequest,
  StrictJsonError,
  thumbprint,
  verifyRootKeySet,
  type ReadRootSigningRequest,
  type VerifiedRootKeySet,
} from '@arc3088/records'

import { Refusal } from '../failure.ts'
import { isPrivateJwk, readText } from '../keys/key-files.ts'

/** Where the side with a network keeps which requests it made, and which it has brought to an end. */
export function ledgersBeside(setsFile: string): { made: string; done: string } {
  return { made: `${setsFile}.requests`, done: `${setsFile}.assembled` }
}

/** Where a root key keeps which requests it has answered. */
export function ledgerBeside(keyFile: string): string {
  return `${keyFile}.answered`
}

/** The key sets of a file, walked from the first to the newest; none where there is no file. @throws Refusal, CannotTell */
export async function readKeySetsFile(file: string): Promise<readonly VerifiedRootKeySet[]> {
  if (!existsSync(file)) return []
  const values = readJson(file)
  if (!Array.isArray(values)) throw new Refusal('key-sets-unusable', `${file} is no array of key sets`)
  const walked: VerifiedRootKeySet[] = []
  for (const value of values) {
    const next = await verifyRootKeySet(value, walked.at(-1))
    if (next.kind === 'rejected')
      throw new Refusal(next.reason, `${file}: set ${walked.length + 1}: ${next.detail}`)
    walked.push(next)
  }
  return walked
}

/** Reads a request. @throws Refusal where it was changed on the way, or is none; CannotTell */
export async function readRequestFile(file: string): Promise<ReadRootSigningRequest> {
  const read = await readRootSigningRequest(readText(file))
  if (read.kind === 'rejected') throw new Refusal(read.reason, `${file}: ${read.detail}`)
  return read
}

/**
 * Public keys of a file: a JWK, of which the private half is left alone; a JWK set; or an entity configuration, whose
 * federation keys are meant. @throws Refusal, CannotTell
 */
export async function readPublicKeys(file: string): Promise<readonly PublicJwk[]> {
  const text = readText(file).trim()
  const configuration = readEntityConfiguration(text)
  if (configuration.kind === 'read') return configuration.claims.jwks.keys
  const value = readJson(file)
  const listed: unknown =
    typeof value === 'object' && value !== null && 'keys' in value ? value.keys : [value]
  if (!Array.isArray(listed)) throw new Refusal('key-unusable', `${file} holds no key`)
  return await Promise.all(listed.map(async (each: unknown) => await readPublicKey(each, file)))
}

async function readPublicKey(value: unknown, file: string): Promise<PublicJwk> {
  if (isPrivateJwk(value)) return await publicJwkOf(value.alg, value)
  const parsed = PublicJwk.safeParse(value)
  if (!parsed.success) throw new Refusal('key-unusable', `${file} holds no public key with kid and alg`)
  if ((await thumbprint(parsed.data)) !== parsed.data.kid)
    throw new Refusal('kid-not-thumbprint', `${file}: the kid is not the thumbprint of its key`)
  return parsed.data
}

function readJson(file: string): unknown {
  try {
    return parseStrictJson(readText(file))
  } catch (error) {
    if (error instanceof StrictJsonError) throw new Refusal(error.fault, `${file}: ${error.message}`)
    throw error
  }
}

/** What people compare by another way than the file takes: 128 bits of the digest of a request. */
export function fingerprintOf(digest: string): string {
  const bytes = Buffer.from(digest.slice('sha-256:'.length), 'base64url').subarray(0, 16)
  return (bytes.toString('hex').match(/.{4}/g) ?? []).join('-')
}
