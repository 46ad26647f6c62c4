import type { Subject } from '@arc3088/codec'
import type { ResolutionAnswer } from '@arc3088/records'
import { readResolutionAnswer, verifyResolutionAnswer } from '@arc3088/records'

import type { Authorities } from './authority.ts'
import type { Clock } from './clock.ts'
import { timeFinding } from './clock.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, findingOf, undecided } from './findings.ts'
import { logOf } from './trusted-log.ts'

/** A live answer whose signature and place were found good; its dates are not judged yet. */
export interface TrustedAnswer {
  readonly claims: ResolutionAnswer
  readonly jws: string
  readonly place: number
}

export interface AnswerContext {
  readonly path: readonly Subject[]
  readonly authorities: Authorities
}

function signerOf({ iss }: ResolutionAnswer, { root, provider }: Authorities) {
  return [root, provider].find((each) => each?.entityId === iss)
}

async function verifyAnswer(
  text: string,
  { path, authorities }: AnswerContext,
): Promise<TrustedAnswer | Finding> {
  const read = readResolutionAnswer(text)
  if (read.kind === 'rejected') return findingOf(read, 'live answer')
  const { claims } = read
  const signer = signerOf(claims, authorities)
  if (signer === undefined) {
    const isWhole = authorities.root !== undefined && authorities.provider !== undefined
    return isWhole || authorities.root?.entityId === claims.iss
      ? broken('iss-wrong', `${claims.iss} does not answer for this code`, claims.sub)
      : undecided('part-missing', 'the statements about the answering node are missing', claims.sub)
  }
  const verified = await verifyResolutionAnswer(text, signer.issuingKeys)
  if (verified.kind === 'rejected') return findingOf(verified, claims.sub)
  const place = path.findIndex((each) => each.text === claims.sub)
  if (place < 0) return broken('sub-wrong', 'the answer is about another code', claims.sub)
  // The root knows providers and nothing below them; a provider does not decide whether it exists.
  const isRightNode = (signer.kind === 'root') === (place === 0)
  if (!isRightNode) return broken('iss-wrong', `${claims.iss} does not assign this level`, claims.sub)
  return logFault(claims, signer.kind, authorities) ?? { claims, jws: text, place }
}

/**
 * An answer says how far its node's log had come (W5), so that a denial of what stands below that can be held against
 * the node. One that leaves it out, where the anchor names a log, could be denied itself.
 */
function logFault(
  { log, sub, iss }: ResolutionAnswer,
  kind: 'root' | 'provider',
  authorities: Authorities,
): Finding | undefined {
  const named = logOf(kind, authorities)
  if (named === undefined) return undefined
  if (log === undefined) {
    return named.quorum === 0
      ? undefined
      : undecided('answer-log-missing', `${iss} does not say how far its log had come`, sub)
  }
  return log.origin === named.origin
    ? undefined
    : broken('answer-log-other', `the answer is of log ${log.origin}, the anchor names ${named.origin}`, sub)
}

/** Verifies the live answer of a bundle by itself; what contradicts it is found later. */
export async function readLiveAnswer(
  text: string,
  context: AnswerContext,
  findings: Findings,
): Promise<TrustedAnswer | undefined> {
  const answer = await verifyAnswer(text, context)
  if ('verdict' in answer) {
    findings.fail('answer', answer)
    return undefined
  }
  const { sub, result, iss } = answer.claims
  findings.pass('answer', `${sub}: ${result}, says ${iss}`)
  return answer
}

/**
 * Whether the answer speaks for the instant asked about: it was made live and has not run out, or it was asked for
 * exactly that instant. A verifier refuses an answer for another instant than it asked for (W5).
 */
export function answerTimeFinding({ claims }: TrustedAnswer, clock: Clock): Finding | undefined {
  const { at, iat, exp, sub } = claims
  const { asOf = clock.at } = clock
  const isFor = at === asOf || (clock.asOf === undefined && at === iat)
  if (!isFor) return broken('answer-other-instant', `the answer is for ${at}, asked was ${asOf}`, sub)
  return clock.asOf === undefined && at === clock.at ? undefined : timeFinding({ iat, exp }, clock, sub)
}

/** Whether the answer was made for its own instant and has not run out. */
export function isLive({ claims: { at, iat, exp, sub } }: TrustedAnswer, clock: Clock): boolean {
  return at === iat && timeFinding({ iat, exp }, clock, sub) === undefined
}
