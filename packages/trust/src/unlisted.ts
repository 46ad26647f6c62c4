import type { Subject } from '@arc3088/codec'
import type { RecognitionList } from '@arc3088/records'

import type { Clock } from './clock.ts'
import type { Finding } from './findings.ts'
import { broken } from './findings.ts'
import type { RecognitionPolicy } from './recognition-basis.ts'
import { listFinding } from './recognition-judgement.ts'

/**
 * What to make of a code that no entry covers: a recognised root signed it outside its own prefixes, or its root is
 * unknown; that takes a list which is fit to tell.
 */
export function unlisted(
  subject: Subject,
  rootId: string | undefined,
  list: RecognitionList,
  { policy, clock }: { policy: RecognitionPolicy; clock: Clock },
): Finding {
  const anchor = list.entries.find((entry) => entry.trust_anchor === rootId)
  if (anchor !== undefined) {
    const detail = `${anchor.trust_anchor} is recognised for ${anchor.code_prefixes.join(', ')} only`
    return broken('prefix-escape', detail, subject.text)
  }
  return (
    listFinding({ list }, policy, clock) ?? {
      verdict: 'not-recognised',
      code: 'prefix-not-recognised',
      detail: `the list of ${list.iss}, number ${list.seq}, has no entry for ${subject.prefix}`,
      subject: subject.text,
    }
  )
}
