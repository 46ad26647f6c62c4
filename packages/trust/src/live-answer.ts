import type { Subject } from '@arc3088/codec'
import type { ResolutionAnswer } from '@arc3088/records'
import { readResolutionAnswer, verifyResolutionAnswer } from '@arc3088/records'

import type { Authorities } from './authority.ts'
import type { Clock } from './clock.ts'
import { timeFinding } from './clock.ts'
import type { Finding, Findings } from './findings.ts'
import { broken, findingOf, undecided } from './findings.ts'

/** A live answer whose signature and place were found good; its dates are not judged yet. */
export interface TrustedAnswer {
  readonly claims: ResolutionAnswer
  readonly place: number
}

export interface AnswerContext {
  readonly path: readonly Subject[]
  readonly authorities: Authorities
  /** The sound records of the bundle by `sub`, verbatim. */
  readonly records: ReadonlyMap<string, string>
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
  return isRightNode
    ? { claims, place }
    : broken('iss-wrong', `${claims.iss} does not assign this level`, claims.sub)
}

function isContradicted(
  { claims, place }: TrustedAnswer,
  { path, authorities, records }: AnswerContext,
): boolean {
  if (claims.result === 'assigned') {
    const supplied = records.get(claims.sub)
    return supplied !== undefined && supplied !== claims.assignment
  }
  // A root that has a statement about a provider has assigned its code.
  if (place === 0 && authorities.grant !== undefined) return true
  return path.slice(place).some((each) => records.has(each.text))
}

/** Verifies the live answer of a bundle, and that it and the records do not contradict each other. */
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
  const { claims } = answer
  if (isContradicted(answer, context)) {
    findings.fail(
      'answer',
      broken('answer-contradicted', `${claims.result}, but the records say otherwise`, claims.sub),
    )
    return undefined
  }
  findings.pass('answer', `${claims.sub}: ${claims.result}, says ${claims.iss}`)
  return answer
}

/**
 * Whether the answer speaks for the instant judged: it was made live and has not run out, or it was asked for exactly
 * that instant. A verifier refuses an answer for another instant than it asked for (W5).
 */
export function answerTimeFinding({ claims }: TrustedAnswer, clock: Clock): Finding | undefined {
  const { at, iat, exp, sub } = claims
  if (at !== iat && at !== clock.at) {
    return broken('answer-other-instant', `the answer is for ${at}, asked was ${clock.at}`, sub)
  }
  return at === clock.at ? undefined : timeFinding({ iat, exp }, clock, sub)
}
