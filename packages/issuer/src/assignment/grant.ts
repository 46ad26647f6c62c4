import type { Level, RootPrefix } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'

import type { IssuerTables } from '../db/tables.ts'
import { businessTypeRefusal } from '../numbering/business-type.ts'
import { isChoosable } from '../numbering/numbering-plan.ts'
import type { Draw, StatusIndex } from '../numbering/supply.ts'
import { childKey, compareKeys, keyText, subjectOf, type CodeKey } from './code-key.ts'
import type { Issuing } from './issuing.ts'
import type { Judgement, Outcome, Submission, Tier } from './tier.ts'

/** A request that was judged worthy and has its number; nothing is written yet. */
export interface Grant<Request> {
  readonly nth: number
  readonly submission: Submission<Request>
  readonly keyHash: Uint8Array
  readonly judgement: Extract<Judgement, { kind: 'assign' }>
  readonly key: CodeKey
  readonly status: StatusIndex
  readonly issuedAt: Date
}

/**
 * Judges each request on its own and against those granted before it, and gives it its number. Answers what was
 * granted in the order in which rows are written; refusals go into `outcomes`.
 */
export function grantEach<Request, Facts, Tables extends IssuerTables>(
  tier: Tier<Request, Facts, Tables>,
  issuing: Issuing,
  facts: Facts,
  fresh: readonly { submission: Submission<Request>; nth: number; keyHash: Uint8Array }[],
  draw: Draw,
  outcomes: Map<number, Outcome>,
): Grant<Request>[] {
  const granted: Grant<Request>[] = []
  const earlier: Request[] = []
  const taken = new Set<string>()
  for (const { submission, nth, keyHash } of fresh) {
    const judgement = tier.judge(submission.request, facts, earlier)
    if (judgement.kind === 'refuse') {
      const { because, detail, extra = {} } = judgement
      outcomes.set(nth, { kind: 'refused', error: new RegistryError(because, detail, { extra }) })
      continue
    }
    const businessType = tier.businessTypeOf?.(submission.request)
    const refusal = numberRefusal(judgement, { level: tier.level, businessType }, issuing)
    const number = refusal === undefined ? (judgement.wish ?? draw.number(businessType)) : undefined
    if (number === undefined) {
      const exhausted = new RegistryError('numbering-exhausted', `No number is left at level ${tier.level}`)
      outcomes.set(nth, { kind: 'refused', error: refusal ?? exhausted })
      continue
    }
    const key = childKey(judgement.parent, tier.level, number)
    if (taken.has(keyText(key))) {
      outcomes.set(nth, codeTaken(key, issuing.prefix))
      continue
    }
    taken.add(keyText(key))
    earlier.push(submission.request)
    granted.push({
      nth,
      submission,
      keyHash,
      judgement,
      key,
      status: draw.status(),
      issuedAt: issuing.ambient.now(),
    })
  }
  return granted.toSorted((a, b) => compareKeys(a.key, b.key))
}

/** Why the plan has no number for a request: nobody planned for its business type, or its wish is not to be chosen. */
function numberRefusal(
  { wish }: Extract<Judgement, { kind: 'assign' }>,
  { level, businessType }: { level: Level; businessType: string | undefined },
  issuing: Issuing,
): RegistryError | undefined {
  if (wish === undefined && businessType === undefined) return undefined
  const plan = issuing.plan()
  const unplanned = businessTypeRefusal(plan, level, businessType)
  if (unplanned !== undefined) return unplanned
  if (wish === undefined || isChoosable(plan, level, wish, businessType)) return undefined
  return new RegistryError(
    'number-out-of-plan',
    `Numbers at level ${level} can be chosen only from the plan's ranges`,
    {
      extra: { clause: '5.6 a' },
    },
  )
}

/** The refusal of a code that is assigned; clause 6 d, and 6 a at every tier. */
export function codeTaken(key: CodeKey, prefix: RootPrefix): Outcome {
  const { text } = subjectOf(key, prefix)
  const detail = `${text} is assigned; a code is never assigned twice`
  return {
    kind: 'refused',
    error: new RegistryError('code-taken', detail, { extra: { subject: text, clause: '6 d' } }),
  }
}
