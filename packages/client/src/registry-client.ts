import type { Malformation, RootPrefix } from '@arc3088/codec'
import { HOME_PREFIX } from '@arc3088/codec'
import type { LogMetadata } from '@arc3088/records'
import { readRootKeySet } from '@arc3088/records'
import type { EvidenceBundleInput, EvidenceMemory, PinnedAnchor } from '@arc3088/trust'
import { createEvidenceMemory, createRecordVerifier, createVerifier } from '@arc3088/trust'

import { createAdvisoryBook } from './advisories.ts'
import { anchoredParty } from './anchored-party.ts'
import type { Asked } from './asked.ts'
import { readText } from './asked.ts'
import type { Fetchable } from './assessor.ts'
import { createAssessor } from './assessor.ts'
import { createBoundedMap } from './bounded-map.ts'
import type { DocumentCache } from './document-cache.ts'
import { createMemoryCache } from './document-cache.ts'
import { createDocumentSource } from './document-source.ts'
import { createEndorser, createEndorsers } from './endorsement.ts'
import type { FetchDocument } from './fetch-document.ts'
import { findLog } from './find-log.ts'
import type { KeySetMemory } from './key-set-memory.ts'
import { createKeySetMemory } from './key-set-memory.ts'
import { createListMemory } from './list-memory.ts'
import type { RecognisedNow } from './recognised-now.ts'
import { tellRecognised } from './recognised-now.ts'
import type { Detail, EvidencedResolution, Resolution, ResolvedCode } from './resolution.ts'
import { describeResolution, describeWithEvidence } from './resolution.ts'
import { walk } from './walk.ts'

export interface RegistryClientOptions {
  /** The key set that everything is verified against; the client trusts nothing else. */
  readonly anchor: PinnedAnchor
  /** The newest key set of the root that was met before this client began, and is met from now on; default: forgotten with it. */
  readonly keySetMemory?: KeySetMemory
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
  /** How recognition lists are held to be fit for codes of other roots (W10). */
  readonly recognition?: {
    /** Age in seconds from which a list tells nothing; default ten minutes. */
    readonly maxAgeSeconds?: number
    /** The number of a list that was seen before this client began; an older one is refused. */
    readonly minSeq?: number
  }
  /** Whether answers name the advisories of the root that touch the code; not unless said, since it takes another list. */
  readonly advisories?: boolean
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
  /** The answer that {@link lookUp} would give without asking or verifying anything; undefined where it has none. */
  recall(text: string): Resolution | undefined
  /** As {@link lookUp}, with the evidence. It is verified anew each time, though not fetched anew. */
  assess(text: string, asked?: Asked): Promise<EvidencedResolution>
  /** The evidence for a code, for a verifier elsewhere; as complete as it could be had. */
  collectEvidence(text: string): Promise<EvidenceBundleInput>
  /** What the anchor says of the log of the node at an address; undefined where it names none, or cannot be asked. */
  findLog(url: string): Promise<LogMetadata | undefined>
  /** Whom the pinned root recognises now. */
  recognition(): Promise<RecognisedNow>
  /** Why the root is of no use now; empty while it answers soundly, or while what it said before has not expired. */
  anchorTroubles(): Promise<readonly string[]>
}

/** Verdicts that rest on nothing fetched. */
const UNFETCHED_FRESH_SECONDS = 60
const ANSWERS_BYTES_MAX = 16 * 1024 * 1024
/** W10. */
const LIST_AGE_SECONDS_MAX = 600

/** Builds a client for one pinned root. @throws TypeError when the anchor is no key set. */
export function createRegistryClient({
  anchor: given,
  keySetMemory = createKeySetMemory(),
  rootUrl,
  prefix = HOME_PREFIX,
  fetchDocument,
  now: nowDate,
  cache = createMemoryCache(),
  answersBytesMax = ANSWERS_BYTES_MAX,
  memory = createEvidenceMemory(),
  recognition: { maxAgeSeconds: listMaxAgeSeconds = LIST_AGE_SECONDS_MAX, minSeq: listSeqMin = 0 } = {},
  advisories: isAdvised = false,
}: RegistryClientOptions): RegistryClient {
  const anchor: PinnedAnchor = {
    rootKeys: given.rootKeys,
    get seen() {
      return keySetMemory.seen()
    },
  }
  const pinned = readRootKeySet(anchor.rootKeys)
  if (pinned.kind === 'rejected') throw new TypeError(`the anchor is no key set: ${pinned.detail}`)
  const parts = {
    source: createDocumentSource({ fetchDocument, cache, now: nowDate }),
    endorse: createEndorser(anchor, keySetMemory),
    endorseUnder: createEndorsers(),
    verifyRecord: createRecordVerifier(memory),
    lists: createListMemory(),
    root: anchoredParty(pinned.claims.iss, rootUrl === undefined ? {} : { reachedAt: rootUrl }),
  }
  const now = (): number => nowDate().getTime()
  const verifyEvidence = createVerifier({ memory })
  const assessor = createAssessor({
    walkParts: parts,
    anchor,
    prefix,
    verifyEvidence,
    now,
    listMaxAgeSeconds,
    listSeqMin,
  })
  const book = createAdvisoryBook(parts, now)

  /** With the advisories that touch the code now; the past is answered without them. */
  async function advised(resolution: EvidencedResolution): Promise<EvidencedResolution> {
    if (!isAdvised) return resolution
    const told = await book.touching(resolution.assessment, assessor.patience(0))
    const freshUntil = Math.min(resolution.freshUntil, told.freshUntil)
    return told.notices === undefined
      ? { ...resolution, notes: [...resolution.notes, 'advisories-unknown'], freshUntil }
      : { ...resolution, advisories: told.notices, freshUntil }
  }

  // An answer is a function of the documents it rests on, so it is kept exactly as long as they would be used again
  // unasked: until the first of them is due at its node (a status after its ttl), or expires. Nothing is believed
  // longer than without this memory; it only spares verifying the same bytes to the same end. Evidence is not kept with
  // it: an answer nobody asks for again would hold status lists long replaced.
  const answers = createBoundedMap<Resolution>(answersBytesMax, answerBytes)
  const inFlight = new Map<string, Promise<EvidencedResolution>>()

  /** For texts that need no network: malformed, or of another version. */
  async function assessUnfetched(
    text: string,
    malformation: Malformation | undefined,
  ): Promise<EvidencedResolution> {
    const evidence: EvidenceBundleInput = { v: 1 }
    const assessment = await assessor.verify(text, evidence)
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
  function assessOnce(read: Fetchable): Promise<EvidencedResolution> {
    const running = inFlight.get(read.key)
    if (running !== undefined) return running
    const assessing = assessor
      .assess(read, {})
      .then(advised)
      .then((resolution) => {
        const { evidence: _, ...kept } = resolution
        if (kept.freshUntil > now()) answers.set(read.key, kept)
        return resolution
      })
      .finally(() => inFlight.delete(read.key))
    inFlight.set(read.key, assessing)
    return assessing
  }

  async function assess(text: string, asked: Asked = {}): Promise<EvidencedResolution> {
    const read = readText(text, prefix)
    if (read.kind === 'unfetched') return await assessUnfetched(text, read.malformation)
    return isPlain(asked) ? await assessOnce(read) : await assessor.assess(read, asked)
  }

  function recall(text: string): Resolution | undefined {
    // Most texts are spelled as their answer is kept; reading any other finds out how that one is spelled.
    const known = answers.get(text) ?? answersTo(text)
    return known !== undefined && now() < known.freshUntil ? known : undefined
  }

  function answersTo(text: string): Resolution | undefined {
    const read = readText(text, prefix)
    return read.kind === 'unfetched' || read.key === text ? undefined : answers.get(read.key)
  }

  async function lookUp(text: string, asked: Asked = {}): Promise<Resolution> {
    return (isPlain(asked) ? recall(text) : undefined) ?? (await assess(text, asked))
  }

  return {
    recall,
    lookUp,
    assess,
    async resolve(text, { detail = 'record', ...asked } = {}) {
      return detail === 'bundle'
        ? describeWithEvidence(await assess(text, asked))
        : describeResolution(await lookUp(text, asked), detail)
    },
    collectEvidence: async (text) => (await assess(text)).evidence,
    findLog: async (url) => await findLog(parts, url, assessor.patience(0)),
    recognition: async () =>
      await tellRecognised(parts, { now, listMaxAgeSeconds, patience: assessor.patience(0) }),
    async anchorTroubles() {
      const { evidence, troubles } = await walk(parts, { subject: undefined }, assessor.patience(0))
      if (evidence.chains?.length === 0) return troubles.map(sentence)
      // Any code below the prefix: what is missing about it is no trouble, what the root says must hold.
      const { verdict, reasons } = await assessor.verify(`${prefix}.1.1`, evidence)
      return verdict === 'indeterminate' ? [] : reasons.map(sentence)
    },
  }
}

/** Answers to anything else are not kept: there are as many as there are instants and policies. */
function isPlain({ at, listMaxAgeSeconds }: Asked): boolean {
  return at === undefined && listMaxAgeSeconds === undefined
}

function sentence({ subject, detail }: { subject?: string; detail: string }): string {
  return subject === undefined ? detail : `${subject}: ${detail}`
}

/** What an answer takes in memory, about, with the texts that are made of it: the records twice, and the rest. */
const ANSWER_BYTES = 8192

function answerBytes(key: string, { assessment }: Resolution): number {
  return assessment.records.reduce((sum, { jws }) => sum + 2 * jws.length, ANSWER_BYTES + key.length)
}
