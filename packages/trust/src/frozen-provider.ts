import type { Subject } from '@arc3088/codec'
import { PROVIDER_ENTITY_TYPE, readKeyHistory, recordHash } from '@arc3088/records'

import type { Assessment } from './assessment.ts'
import type { DocumentReader } from './document-reader.ts'
import type { EvidenceBundle, EvidenceBundleInput } from './evidence-bundle.ts'
import type { Evidence } from './integrity.ts'
import { couldNotTell } from './verdict.ts'

/** The root says that the provider is retired and names no custodian of what it left (W2): that is as it was. */
function isFrozen({ authorities: { grant } }: Evidence): boolean {
  if (grant === undefined) return false
  const { state, custodian } = grant.statement.metadata[PROVIDER_ENTITY_TYPE]
  return state === 'retired' && custodian === undefined
}

/** The parts of evidence that the root answers for: of the provider itself, and of nothing below it. */
async function rootPartOf(
  bundle: EvidenceBundle,
  { chain, records, authorities }: Evidence,
  reader: DocumentReader,
): Promise<EvidenceBundleInput> {
  const own = records.find(({ level }) => level === 'provider')
  const hash = own === undefined ? '' : await recordHash(own.jws)
  const proof = bundle.tlog_proofs?.[hash]
  const lists = new Set([chain.statement?.claims, own?.claims].map((each) => each?.status.status_list.uri))
  const tokens = bundle.status_list_tokens.filter((text) => {
    const read = reader.tokens.read(text)
    return read.kind === 'read' && lists.has(read.claims.sub)
  })
  const histories = (bundle.key_histories ?? []).filter((text) => {
    const read = readKeyHistory(text)
    return read.kind === 'read' && read.claims.iss === authorities.root?.entityId
  })
  return {
    v: 1,
    records: own === undefined ? [] : [own.jws],
    chains: [[chain.statement, chain.root].flatMap((link) => link?.jws ?? [])],
    root_keys: bundle.root_keys,
    status_list_tokens: tokens,
    ...(proof === undefined ? {} : { tlog_proofs: { [hash]: proof } }),
    ...(histories.length === 0 ? {} : { key_histories: histories }),
    ...(bundle.recognition === undefined ? {} : { recognition: bundle.recognition }),
  }
}

/**
 * The assessment of a code whose provider is retired for ever with nobody in its place. What only the provider could have
 * said anew is missing, or grows old, and will be for ever; so where that is all that keeps a verdict away, what the root
 * says of the provider decides, by evidence of the root alone.
 */
export async function settleFrozen(
  assessment: Assessment,
  {
    bundle,
    evidence,
    path,
    reader,
  }: {
    bundle: EvidenceBundle
    evidence: Evidence
    path: readonly Subject[]
    reader: DocumentReader
  },
  verify: (code: string, bundle: EvidenceBundleInput) => Promise<Assessment>,
): Promise<Assessment> {
  const [provider, ...below] = path
  if (provider === undefined || below.length === 0) return assessment
  if (!couldNotTell(assessment.verdict) || !isFrozen(evidence)) return assessment
  const own = await verify(provider.text, await rootPartOf(bundle, evidence, reader))
  if (own.verdict !== 'provider-retired') return assessment
  return {
    ...assessment,
    verdict: own.verdict,
    valid_until: own.valid_until,
    reasons: [...own.reasons, ...assessment.reasons],
  }
}
