import type { Level } from '@arc3088/codec'

import { isWithoutLease } from '../numbering/numbering-plan.ts'
import { codeKeyOf } from './code-key.ts'
import type { Issuing } from './issuing.ts'
import type { Outcome } from './tier.ts'

/**
 * Makes committed codes known off the database, before anybody is told of them: after a restore from an older backup
 * a chosen number could be chosen again, since no lease stands for it. Retries pass here too: their first try may
 * have died between commit and journal.
 */
export async function acknowledge(
  issuing: Pick<Issuing, 'plan' | 'journalChosen'>,
  level: Level,
  outcomes: readonly Outcome[],
): Promise<void> {
  const plan = issuing.plan()
  const keys = outcomes.flatMap((outcome) =>
    outcome.kind === 'assigned' ? [codeKeyOf(outcome.subject)] : [],
  )
  const chosen = keys.filter((key) => isWithoutLease(plan, level, key[level]))
  if (chosen.length > 0) await issuing.journalChosen(chosen)
}
