import type { RootPrefix, Subject } from '@arc3088/codec'
import { isProviderWidthDisputed } from '@arc3088/codec'
import type { Assessment, EvidenceBundleInput, PinnedAnchor, VerifyEvidence } from '@arc3088/trust'
import { couldNotTell, isIntegrityFailure } from '@arc3088/trust'

import type { Asked, ReadText } from './asked.ts'
import type { Patience, Trouble } from './document-source.ts'
import type { EvidencedResolution, Note } from './resolution.ts'
import { listWanted } from './recognition-list.ts'
import type { WalkParts } from './stations.ts'
import type { Walked } from './walk.ts'
import { walk } from './walk.ts'

/** A text that a network can say something about. */
export type Fetchable = Exclude<ReadText, { kind: 'unfetched' }>

/** Walks and verifies: every question anew, from what its documents allow to be used again. */
export interface Assessor {
  assess(text: Fetchable, asked: Asked): Promise<EvidencedResolution>
  verify(code: string, bundle: EvidenceBundleInput, asked?: Asked): Promise<Assessment>
  patience(freshAfter: number): Patience
}

/** What an assessor is made of. */
export interface AssessorParts {
  readonly walkParts: WalkParts
  readonly anchor: PinnedAnchor
  /** Of the codes below the pinned root. */
  readonly prefix: RootPrefix
  readonly verifyEvidence: VerifyEvidence
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Age in seconds from which a recognition list tells nothing (W10). */
  readonly listMaxAgeSeconds: number
  /** The number of a recognition list that was seen, by a way that the operator of this client trusts. */
  readonly listSeqMin: number
}

/** A walk asks nobody new after this long; the fetch under way still has its own time. */
const WALK_SECONDS_MAX = 5
/** Evidence that does not hold is collected anew, but no document is fetched for that more often than this. */
const RECOLLECT_SECONDS = 5

/** Builds the assessor of one client. */
export function createAssessor(parts: AssessorParts): Assessor {
  const { walkParts, anchor, verifyEvidence, now } = parts

  async function verify(code: string, bundle: EvidenceBundleInput, asked: Asked = {}): Promise<Assessment> {
    const at = Math.floor(now() / 1000)
    const seen = walkParts.lists.newest()?.claims.seq ?? 0
    return await verifyEvidence({
      code,
      bundle,
      anchor,
      homePrefix: parts.prefix,
      at,
      ...(asked.at === undefined ? {} : { asOf: asked.at }),
      recognition: {
        maxAgeSeconds: asked.listMaxAgeSeconds ?? parts.listMaxAgeSeconds,
        minSeq: Math.max(parts.listSeqMin, seen),
      },
    })
  }

  function patience(freshAfter: number): Patience {
    return { freshAfter, deadline: now() + WALK_SECONDS_MAX * 1000 }
  }

  /** Collects and verifies. What does not hold may be a key changed since it was fetched: then once more, with new documents. */
  async function collectAndVerify(
    text: Fetchable,
    asked: Asked,
  ): Promise<{ collected: Walked; assessment: Assessment }> {
    const code = text.kind === 'home' ? text.subject.text : text.text
    const listMaxAge = asked.listMaxAgeSeconds ?? parts.listMaxAgeSeconds
    const question = {
      subject: text.kind === 'home' ? text.subject : undefined,
      foreign: text.kind === 'foreign' ? code : undefined,
      asOf: asked.at,
      // A list too old to tell anything is asked for again, whatever it says of its own life.
      listWanted: listWanted(now(), listMaxAge),
    }
    const recent = now() - RECOLLECT_SECONDS * 1000
    const collected = await walk(walkParts, question, patience(0))
    const assessment = await verify(code, collected.evidence, asked)
    if (!isIntegrityFailure(assessment.verdict) || collected.oldestFetchedAt >= recent) {
      return { collected, assessment }
    }
    const again = await walk(walkParts, question, patience(recent))
    return { collected: again, assessment: await verify(code, again.evidence, asked) }
  }

  function freshUntil(collected: Walked, { verdict, valid_until }: Assessment): number {
    if (couldNotTell(verdict)) return now()
    const until = Math.min(collected.freshUntil, (valid_until ?? Number.POSITIVE_INFINITY) * 1000)
    return isIntegrityFailure(verdict) ? Math.min(until, now() + RECOLLECT_SECONDS * 1000) : until
  }

  return {
    verify,
    patience,
    async assess(text, asked) {
      const { collected, assessment } = await collectAndVerify(text, asked)
      const { evidence, troubles, recognised } = collected
      return {
        assessment,
        evidence,
        troubles,
        notes: notesOf(text.kind === 'home' ? text.subject : recognised, assessment, troubles),
        freshUntil: freshUntil(collected, assessment),
      }
    },
  }
}

function notesOf(
  subject: Subject | undefined,
  { verdict }: Assessment,
  troubles: readonly Trouble[],
): readonly Note[] {
  const notes: Note[] = []
  if (subject !== undefined && isProviderWidthDisputed(subject.provider))
    notes.push('provider-width-disputed')
  const isRolledBack = ({ code }: Trouble) => code === 'list-rolled-back'
  if (troubles.some(isRolledBack)) notes.push('list-rolled-back')
  if (troubles.some((trouble) => !isRolledBack(trouble)) && !couldNotTell(verdict))
    notes.push('nodes-unreachable')
  return notes
}
