import type { Malformation, RootPrefix, Subject } from '@arc3088/codec'
import { HOME_PREFIX, isCodeUnderAnyRoot, isSupportedVersion, parentOf, readSubject } from '@arc3088/codec'

import type { Finding } from './findings.ts'

/** The subject and what it stands below, provider first. */
export function pathOf(subject: Subject): readonly Subject[] {
  const path: Subject[] = []
  for (let each: Subject | undefined = subject; each !== undefined; each = parentOf(each)) path.unshift(each)
  return path
}

function refusal(text: string, { reason, segment, offset, clause }: Malformation): Finding {
  if (reason === 'prefix-unknown' && isCodeUnderAnyRoot(text)) {
    return {
      verdict: 'not-recognised',
      code: 'prefix-not-recognised',
      detail: 'a code under a root prefix that this anchor neither has nor recognises',
    }
  }
  return {
    verdict: 'malformed',
    code: 'code-malformed',
    detail: `${reason}: ${segment} at offset ${offset} (GB/Z 185.2 ${clause})`,
  }
}

/** Reads what was asked for, in any letter case, under the longest of the home prefix and those given. */
export function readQuestion(text: string, claimed: readonly RootPrefix[]): Subject | Finding {
  const subject = readSubject(text, { prefixes: [HOME_PREFIX, ...claimed] })
  if (subject.kind === 'malformed') return refusal(text, subject)
  if (!isSupportedVersion(subject.version)) {
    return {
      verdict: 'unsupported-version',
      code: 'version-unsupported',
      detail: `scheme version ${subject.version} has no meaning yet`,
      subject: subject.text,
    }
  }
  return subject
}
