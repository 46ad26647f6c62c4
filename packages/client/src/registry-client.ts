import type { Malformation, RootPrefix, Subject } from '@arc3088/codec'
import { HOME_PREFIX, isProviderWidthDisputed, isSupportedVersion, readSubject } from '@arc3088/codec'
import type { LogMetadata } from '@arc3088/records'
import { readRootKeySet } from '@arc3088/records'
import type { Assessment, EvidenceBundleInput, EvidenceMemory, PinnedAnchor } from '@arc3088/trust'
import { couldNotTell, createEvidenceMemory, createVerifier, isIntegrityFailure } from '@arc3088/trust'

import { anchoredParty } from './anchored-party.ts'
import type { Collected } from './basket.ts'
import { createBoundedMap } from './bounded-map.ts'
import type { DocumentCache } from './document-cache.ts'
import { createMemoryCache } from './document-cache.ts'
import type { Patience, Trouble } from './document-source.ts'
import { createDocumentSource } from './document-source.ts'
import { createEndorser } from './endorsement.ts'
import type { FetchDocument } from './fetch-document.ts'
import { findLog } from './find-log.ts'
import type { Detail, EvidencedResolution, Note, Resolution, ResolvedCode } from './resolution.ts'
import { describeResolution, describeWithEvidence } from './resolution.ts'
import type { WalkQuestion } from './walk.ts'
import { walk } from './walk.ts'

export interface RegistryClientOptions {
  /** The key set that everything is verified against; the client trusts nothing else. */
  readonly anchor: PinnedAnchor
  /** Origin at which the pinned root is reached; default its entity identifier. */
  readonly rootUrl?: string
  /** Prefix of the codes below the pinned root; default that of this registry. */
  readonly prefix?: RootPrefix
  readonly fetchDocument: FetchDocument
  readonly now: () => Date
  /** Default: 32 MiB in memory. */
  readonly cache?: DocumentCache
  /** Memory for answers that may be given again; default 16 MiB, about a thousand. */
  readonly answersBytesMax?: number
  /** Memory for parts that were verified, so that what many codes have in common is verified once; default 64 MiB. */
  readonly memory?: EvidenceMemory
}

/** What else a question may say. */
export interface Asked {
  /** The instant asked about, in seconds since 1970, where it is past: how the code stood then. */
  readonly at?: number
}

/** Resolves codes: walks the nodes, and verifies everything before it says anything. */
export interface RegistryClient {
  /**
   * The verdict on a code or code prefix in any letter case. Rejects for nothing that a caller, a node or the network
   * does: malformed text, forged documents and unreachable nodes have verdicts of their own.
   */
  resolve(text: string, options?: { detail?: Detail } & Asked): Promise<ResolvedCode>
  /** As {@link resolve}, with the time until which the answer may be kept. */
  lookUp(text: string, asked?: Asked): Promise<Resolution>
  /** As {@link lookUp}, with the evidence. It is verified anew each time, though not fetched anew. */
  assess(text: string, asked?: Asked): Promise<EvidencedResolution>
  /** The evidence for a code, for a verifier elsewhere; as complete as it could be had. */
  collectEvidence(text: string): Promise<EvidenceBundleInput>
  /** What the anchor says of the log of the node at an address; undefined where it names none, or cannot be asked. */
  findLog(url: string): Promise<LogMetadata | undefined>
  /** Why the root is of no use now; empty while it answers soundly, or while what it said before has not expired. */
  anchorTroubles(): Promise<readonly string[]>
}

/** A walk asks nobody new after this long; the fetch under way still has its own time. */
const WALK_SECONDS_MAX = 5
/** Evidence that does not hold is collected anew, but no document is fetched for that more often than this. */
const RECOLLECT_SECONDS = 5
/** Verdicts that rest on nothing fetched; recognition of other roots may change them one day. */
const UNFETCHED_FRESH_SECONDS = 60
const ANSWERS_BYTES_MAX = 16 * 1024 * 1024

/** Builds a client for one pinned root. @throws TypeError when the anchor is no key set. */
export function createRegistryClient({
  anchor,
  rootUrl,
  prefix = HOME_PREFIX,
  fetchDocument,
  now: nowDate,
  cache = createMemoryCache(),
  answersBytesMax = ANSWERS_BYTES_MAX,
  memory = createEvidenceMemory(),
}: RegistryClientOptions): RegistryClient {
  const pinned = readRootKeySet(anchor.rootKeys)
  if (pinned.kind === 'rejected') throw new TypeError(`the anchor is no key set: ${pinned.detail}`)
  const parts = {
    source: createDocumentSource({ fetchDocument, cache, now: nowDate }),
    endorse: createEndorser(anchor),
    root: anchoredParty(pinned.claims.iss, rootUrl === undefined ? {} : { reachedAt: rootUrl }),
  }
  const prefixes = [HOME_PREFIX, prefix]
  const now = (): number => nowDate().getTime()
  // An answer is a function of the documents it rests on, so it is kept exactly as long as they would be used again
  // unasked: until the first of them is due at its node (a status after its ttl), or expires. Nothing is believed
  // longer than without this memory; it only spares verifying the same bytes to the same end. Evidence is not kept with
  // it: an answer nobody asks for again would hold status lists long replaced.
  const answers = createBoundedMap<Resolution>(answersBytesMax, answerBytes)
  const inFlight = new Map<string, Promise<EvidencedResolution>>()

  const verifyEvidence = createVerifier({ memory })

  async function verify(code: string, bundle: EvidenceBundleInput, asOf?: number): Promise<Assessment> {
    const at = Math.floor(now() / 1000)
    return await verifyEvidence({ code, bundle, anchor, at, ...(asOf === undefined ? {} : { asOf }) })
  }

  function patience(freshAfter: number): Patience {
    return { freshAfter, deadline: now() + WALK_SECONDS_MAX * 1000 }
  }

  /** Collects and verifies. What does not hold may be a key changed since it was fetched: then once more, with new documents. */
  async function collectAndVerify(
    code: string,
    question: WalkQuestion,
  ): Promise<{ collected: Collected; assessment: Assessment }> {
    const { asOf } = question
    const recent = now() - RECOLLECT_SECONDS * 1000
    const collected = await walk(parts, question, patience(0))
    const assessment = await verify(code, collected.evidence, asOf)
    if (!isIntegrityFailure(assessment.verdict) || collected.oldestFetchedAt >= recent) {
      return { collected, assessment }
    }
    const again = await walk(parts, question, patience(recent))
    return { collected: again, assessment: await verify(code, again.evidence, asOf) }
  }

  async function assessSubject(subject: Subject, asOf?: number): Promise<EvidencedResolution> {
    const { collected, assessment } = await collectAndVerify(subject.text, {
      subject: subject.prefix === prefix ? subject : undefined,
      asOf,
    })
    const { evidence, troubles } = collected
    const notes = notesOf(subject, assessment, troubles)
    const resolution = {
      assessment,
      evidence,
      troubles,
      notes,
      freshUntil: freshUntil(collected, assessment),
    }
    if (asOf === undefined && resolution.freshUntil > now()) answers.set(subject.text, resolution)
    return resolution
  }

  function freshUntil(collected: Collected, { verdict, valid_until }: Assessment): number {
    if (couldNotTell(verdict)) return now()
    const until = Math.min(collected.freshUntil, (valid_until ?? Number.POSITIVE_INFINITY) * 1000)
    return isIntegrityFailure(verdict) ? Math.min(until, now() + RECOLLECT_SECONDS * 1000) : until
  }

  /** For texts that need no network: malformed, of another version, under a prefix this anchor does not know. */
  async function assessUnfetched(
    text: string,
    malformation: Malformation | undefined,
  ): Promise<EvidencedResolution> {
    const evidence: EvidenceBundleInput = { v: 1 }
    const assessment = await verify(text, evidence)
    const isMalformed = malformation !== undefined && assessment.verdict === 'malformed'
    return {
      assessment,
      evidence,
      troubles: [],
      notes: [],
      ...(isMalformed ? { malformation } : {}),
      freshUntil: now() + UNFETCHED_FRESH_SECONDS * 1000,
    }
  }

  /** Assesses afresh; whoever asks for the same meanwhile gets the same. */
  function assessOnce(subject: Subject): Promise<EvidencedResolution> {
    const running = inFlight.get(subject.text)
    if (running !== undefined) return running
    const assessing = assessSubject(subject).finally(() => inFlight.delete(subject.text))
    inFlight.set(subject.text, assessing)
    return assessing
  }

  async function assess(text: string, { at }: Asked = {}): Promise<EvidencedResolution> {
    const subject = readSubject(text, { prefixes })
    if (subject.kind === 'malformed') return await assessUnfetched(text, subject)
    if (!isSupportedVersion(subject.version)) return await assessUnfetched(text, undefined)
    return at === undefined ? await assessOnce(subject) : await assessSubject(subject, at)
  }

  async function lookUp(text: string, asked: Asked = {}): Promise<Resolution> {
    const subject = readSubject(text, { prefixes })
    // Answers about the past are not kept: there are as many as there are instants.
    const isKept = subject.kind !== 'malformed' && asked.at === undefined
    const known = isKept ? answers.get(subject.text) : undefined
    return known !== undefined && now() < known.freshUntil ? known : await assess(text, asked)
  }

  return {
    lookUp,
    assess,
    async resolve(text, { detail = 'record', ...asked } = {}) {
      return detail === 'bundle'
        ? describeWithEvidence(await assess(text, asked))
        : describeResolution(await lookUp(text, asked), detail)
    },
    collectEvidence: async (text) => (await assess(text)).evidence,
    findLog: async (url) => await findLog(parts, url, patience(0)),
    async anchorTroubles() {
      const { evidence, troubles } = await walk(parts, { subject: undefined }, patience(0))
      if (evidence.chains?.length === 0) return troubles.map(sentence)
      // Any code below the prefix: what is missing about it is no trouble, what the root says must hold.
      const { verdict, reasons } = await verify(`${prefix}.1.1`, evidence)
      return verdict === 'indeterminate' ? [] : reasons.map(sentence)
    },
  }
}

function notesOf(subject: Subject, { verdict }: Assessment, troubles: readonly Trouble[]): readonly Note[] {
  const notes: Note[] = []
  if (isProviderWidthDisputed(subject.provider)) notes.push('provider-width-disputed')
  if (troubles.length > 0 && !couldNotTell(verdict)) notes.push('nodes-unreachable')
  return notes
}

function sentence({ subject, detail }: { subject?: string; detail: string }): string {
  return subject === undefined ? detail : `${subject}: ${detail}`
}

/** What an answer takes in memory, about, with the texts that are made of it: the records twice, and the rest. */
const ANSWER_BYTES = 8192

function answerBytes(key: string, { assessment }: Resolution): number {
  return assessment.records.reduce((sum, { jws }) => sum + 2 * jws.length, ANSWER_BYTES + key.length)
}
