import type { Subject } from '@arc3088/codec'
import type { PublicJwk, RecognitionConstraints, VerifiedRootKeySet } from '@arc3088/records'
import { decodeBase64url, parseStrictJson, StrictJsonError } from '@arc3088/records'

import type { Authorities } from './authority.ts'
import { servingEntity } from './chain.ts'
import type { EvidenceBundle } from './evidence-bundle.ts'
import type { Finding } from './findings.ts'
import { broken } from './findings.ts'
import { isNamePermitted } from './recognition-guards.ts'
import type { Recognition } from './recognition-basis.ts'

/** Entities between the pinned root and a provider of a recognised one: the recognised root. */
const PATH_LENGTH = 1

/** A recognised root's key set as far as its keys were agreed: one that the list does not name signs nothing here. */
export function agreedKeySet(set: VerifiedRootKeySet, { entry }: Recognition): VerifiedRootKeySet {
  const agreed = (key: PublicJwk) => entry.jwks_thumbprints.includes(key.kid)
  const keys = { ...set.claims.keys, federation: set.claims.keys.federation.filter(agreed) }
  return { ...set, claims: { ...set.claims, keys } }
}

const decoder = new TextDecoder()

/** The algorithm that a JWS names, however its header spells it; of one whose header is none, others complain. */
function algOf(jws: string): PublicJwk['alg'] | undefined {
  const bytes = decodeBase64url(jws.slice(0, jws.indexOf('.')))
  const header = bytes === undefined ? undefined : readJson(decoder.decode(bytes))
  if (typeof header !== 'object' || header === null || !('alg' in header)) return undefined
  return header.alg === 'ES256' ? 'ES256' : 'Ed25519'
}

function readJson(text: string): unknown {
  try {
    return parseStrictJson(text)
  } catch (error) {
    if (error instanceof StrictJsonError) return undefined
    throw error
  }
}

/** Every document that the recognised root and its providers signed. */
function signedParts(bundle: EvidenceBundle): readonly string[] {
  const { records, chains, status_list_tokens: tokens, key_histories: histories = [] } = bundle
  const single = [bundle.resolution, bundle.description, bundle.agent_key]
  return [
    ...records,
    ...chains.flat(),
    ...tokens,
    ...histories,
    ...single.filter((each) => each !== undefined),
  ]
}

function constraintFindings(
  { max_path_length: longest, naming_constraints: names, algs }: RecognitionConstraints,
  { grant }: Authorities,
  bundle: EvidenceBundle,
): readonly Finding[] {
  const findings: Finding[] = []
  const entityId = grant?.statement.sub ?? ''
  if (grant !== undefined && longest < PATH_LENGTH) {
    findings.push(broken('path-too-long', `the agreement allows ${longest} between`, entityId))
  }
  if (grant !== undefined && names !== undefined) {
    const serving = [...new Set([entityId, servingEntity(grant.statement).entityId])]
    for (const name of serving.filter((each) => !isNamePermitted(each, names.permitted))) {
      findings.push(broken('name-not-agreed', 'the agreement does not permit its name', name))
    }
  }
  for (const jws of signedParts(bundle)) {
    const alg = algOf(jws)
    if (alg === undefined || algs.includes(alg)) continue
    findings.push(broken('alg-not-agreed', `signed with ${alg}; agreed: ${algs.join(', ')}`, entityId))
    break
  }
  return findings
}

/** What a sound chain of a recognised root does that was not agreed: another prefix, path, name or algorithm. */
export function foreignChainFindings(
  subject: Subject,
  authorities: Authorities,
  { bundle, recognition }: { bundle: EvidenceBundle; recognition: Recognition },
): readonly Finding[] {
  const { entry, terms } = recognition
  const { root } = authorities
  const isAgreed = root === undefined || entry.code_prefixes.includes(root.prefix)
  const detail = `${entry.trust_anchor} is recognised for ${entry.code_prefixes.join(', ')} only`
  const escape =
    isAgreed && (root === undefined || root.prefix === subject.prefix)
      ? []
      : [broken('prefix-escape', detail, root?.prefix ?? subject.text)]
  return [
    ...escape,
    ...constraintFindings(terms.constraints, authorities, bundle),
    ...constraintFindings(entry.constraints, authorities, bundle),
  ]
}
