import type { Subject } from '@arc3088/codec'
import { contains, formatSegment } from '@arc3088/codec'
import type { StatusListToken, VerifiedRootKeySet } from '@arc3088/records'

import { walkKeySets } from './anchor.ts'
import type { Authorities } from './authority.ts'
import { readAuthorities } from './authority.ts'
import type { Chain } from './chain.ts'
import { arrangeChain, missingStatements, verifyChain } from './chain.ts'
import type { DocumentReader } from './document-reader.ts'
import type { EvidenceBundle, PinnedAnchor } from './evidence-bundle.ts'
import type { EvidenceMemory } from './evidence-memory.ts'
import type { Findings } from './findings.ts'
import { broken, undecided } from './findings.ts'
import type { FormerKeys } from './former-keys.ts'
import { verifyKeyHistories } from './former-keys.ts'
import { verifyFurtherParts } from './further-parts.ts'
import { agreedKeySet, foreignChainFindings } from './foreign-chain.ts'
import type { TrustedAnswer } from './live-answer.ts'
import { readLiveAnswer } from './live-answer.ts'
import type { LogEvidence } from './log-evidence.ts'
import { judgeSigners, verifyLogProofs } from './log-evidence.ts'
import { createProofTools } from './log-proof.ts'
import type { Misconduct } from './misconduct.ts'
import { contradictionOf } from './misconduct.ts'
import type { Recognition } from './recognition-basis.ts'
import type { TrustedRecord } from './record-path.ts'
import { missingRecords, verifyRecords } from './record-path.ts'
import { sharedKeyFault } from './shared-key.ts'
import type { Referrer, StatusEntry } from './status-evidence.ts'
import { readStatuses } from './status-evidence.ts'
import { verifyTransitions } from './transition-proof.ts'

/** Everything a sound bundle yielded. */
export interface Evidence {
  readonly chain: Chain
  readonly keySet: VerifiedRootKeySet
  readonly authorities: Authorities
  readonly histories: readonly FormerKeys[]
  readonly records: readonly TrustedRecord[]
  readonly answer: TrustedAnswer | undefined
  readonly log: LogEvidence
  /** What the answering node is caught at; then the evidence is not sound. */
  readonly misconduct?: Misconduct
  readonly entries: readonly StatusEntry[]
  readonly tokens: readonly StatusListToken[]
}

function referrersOf({ grant }: Authorities, records: readonly TrustedRecord[]): Referrer[] {
  const ofStatement: Referrer[] =
    grant === undefined
      ? []
      : [
          {
            of: 'statement',
            subject: grant.statement.sub,
            reference: grant.statement.status.status_list,
            authority: 'root',
          },
        ]
  return [
    ...ofStatement,
    ...records.map(({ level, claims, authority }) => ({
      of: level,
      subject: claims.sub,
      reference: claims.status.status_list,
      authority,
    })),
  ]
}

/** Reports that the code asked about is not this anchor's, this version's, or this provider's. */
function judgeScope(subject: Subject, { root, grant }: Authorities, findings: Findings): void {
  if (root !== undefined && subject.prefix !== root.prefix) {
    findings.fail('scope', {
      verdict: 'not-recognised',
      code: 'prefix-not-recognised',
      detail: `the pinned root is that of ${root.prefix} and recognises no other`,
      subject: subject.text,
    })
  } else if (root?.schemeVersions.includes(formatSegment(subject.version)) === false) {
    findings.fail('scope', {
      verdict: 'unsupported-version',
      code: 'version-unsupported',
      detail: 'the root does not assign codes of this version',
      subject: subject.text,
    })
  } else if (grant?.prefix !== undefined && !contains(grant.prefix, subject)) {
    findings.fail(
      'scope',
      broken('provider-other', `the chain is that of ${grant.prefix.text}`, subject.text),
    )
  }
}

/** The newest key set of the root that the chain must end at: the pinned one, or one that it recognises. */
async function walkToKeySet(
  bundle: EvidenceBundle,
  anchor: PinnedAnchor,
  { findings, memory, recognition }: Omit<IntegrityTools, 'reader'>,
): Promise<VerifiedRootKeySet | undefined> {
  const [first] = recognition?.keySets ?? []
  if (recognition === undefined || first === undefined)
    return await walkKeySets(anchor, bundle.root_keys, { findings, memory })
  const walked = await walkKeySets({ rootKeys: first }, recognition.keySets, { findings, memory })
  if (walked === undefined) return undefined
  const { trust_anchor: entityId } = recognition.entry
  if (walked.claims.iss === entityId) return agreedKeySet(walked, recognition)
  findings.fail('anchor', broken('iss-wrong', `the list has key sets of ${walked.claims.iss}`, entityId))
  return undefined
}

/** Who may sign what, from pinned key set, chain and key histories; `undefined` when one of them does not hold. */
async function verifyAuthorities(
  bundle: EvidenceBundle,
  anchor: PinnedAnchor,
  { memory, reader, findings, recognition }: IntegrityTools,
): Promise<
  | {
      chain: Chain
      keySet: VerifiedRootKeySet
      authorities: Authorities
      histories: readonly FormerKeys[]
    }
  | undefined
> {
  const keySet = await walkToKeySet(bundle, anchor, { findings, memory, recognition })
  if (keySet === undefined) return undefined
  const chain = arrangeChain(bundle.chains[0] ?? [], keySet.claims.iss, reader)
  if ('verdict' in chain) {
    findings.fail('chain', chain)
    return undefined
  }
  if (!(await verifyChain(chain, keySet.claims, findings, reader))) return undefined
  const authorities = readAuthorities(chain)
  if ('verdict' in authorities) {
    findings.fail('authority', authorities)
    return undefined
  }
  const histories = await verifyKeyHistories(bundle.key_histories ?? [], authorities, findings)
  const shared = sharedKeyFault(keySet.claims, authorities, histories)
  if (shared !== undefined) {
    findings.fail('keys', shared)
    return undefined
  }
  findings.pass('keys', 'no key serves two purposes')
  return { chain, keySet, authorities, histories }
}

interface IntegrityTools {
  readonly memory: EvidenceMemory
  readonly reader: DocumentReader
  readonly findings: Findings
  /** By what the pinned root recognises the one that the chain ends at, where that is another. */
  readonly recognition: Recognition | undefined
}

/**
 * Every signature and link of every part supplied, top-down, with no regard to dates. `undefined` when a failure leaves
 * nothing to go on with.
 */
export async function verifyIntegrity(
  bundle: EvidenceBundle,
  anchor: PinnedAnchor,
  path: readonly Subject[],
  tools: IntegrityTools,
): Promise<Evidence | undefined> {
  const { memory, reader, findings, recognition } = tools
  const sound = await verifyAuthorities(bundle, anchor, tools)
  if (sound === undefined) return undefined
  const { chain, keySet, authorities, histories } = sound
  const [subject] = path.slice(-1)
  if (subject !== undefined) judgeScope(subject, authorities, findings)
  if (subject !== undefined && recognition !== undefined) {
    const foreign = foreignChainFindings(subject, authorities, { bundle, recognition })
    for (const finding of foreign) findings.fail('chain', finding)
  }
  const records = await verifyRecords(bundle.records, path, { authorities, histories, reader }, findings)
  const answer =
    bundle.resolution === undefined
      ? undefined
      : await readLiveAnswer(bundle.resolution, { path, authorities }, findings)
  const proofTools = createProofTools(memory)
  const log = await verifyLogProofs(
    bundle.tlog_proofs ?? {},
    { path, authorities, records, suppliedRecords: bundle.records, answer, tools: proofTools },
    findings,
  )
  judgeSigners(records, { authorities, log }, findings)
  if (answer !== undefined) await verifyTransitions(answer, { authorities, tools: proofTools, findings })
  const contradiction =
    answer === undefined ? undefined : contradictionOf(answer, { path, authorities, records, log })
  if (contradiction !== undefined) findings.fail('answer', contradiction.finding)
  const absent = reportMissing({ bundle, chain, keySet, path, answer, reader }, findings)
  const status = await readStatuses(
    bundle.status_list_tokens,
    {
      referrers: referrersOf(authorities, records),
      // A record that was not accepted refers to its list all the same.
      isWhole: !absent && records.length === bundle.records.length,
    },
    { authorities, reader, memory, findings },
  )
  await verifyFurtherParts(bundle, { path, authorities, findings, isForeign: recognition !== undefined })
  const misconduct = contradiction?.misconduct
  return {
    chain,
    keySet,
    authorities,
    histories,
    records,
    answer,
    log,
    ...status,
    ...(misconduct === undefined ? {} : { misconduct }),
  }
}

/** Names the required parts that are not there (W6). A signed negative needs nothing from where it says nothing is. */
function reportMissing(
  {
    bundle,
    chain,
    keySet,
    path,
    answer,
    reader,
  }: Pick<Evidence, 'chain' | 'keySet' | 'answer'> & {
    bundle: EvidenceBundle
    path: readonly Subject[]
    reader: DocumentReader
  },
  findings: Findings,
): boolean {
  const negativeAt = answer?.claims.result === 'not_assigned' ? answer.place : undefined
  const statements =
    negativeAt === 0 && chain.root !== undefined
      ? []
      : missingStatements(chain, keySet.claims.iss, { needsLeaf: path.length > 1 })
  const records = missingRecords(bundle.records, path.slice(0, negativeAt), reader)
  for (const finding of statements) findings.fail('chain', finding)
  for (const { level, text } of records) {
    findings.fail(
      `record ${level}`,
      undecided('part-missing', `the record of level ${level} is missing`, text),
    )
  }
  return statements.length > 0 || records.length > 0
}
