import type { Malformation, RootPrefix, Subject } from '@arc3088/codec'
import { HOME_PREFIX, isSupportedVersion, parentOf, readRootPrefix, readSubject } from '@arc3088/codec'

import type { Finding } from './findings.ts'

const ARCS_MAX = 16

/** The subject and what it stands below, provider first. */
export function pathOf(subject: Subject): readonly Subject[] {
  const path: Subject[] = []
  for (let each: Subject | undefined = subject; each !== undefined; each = parentOf(each)) path.unshift(each)
  return path
}

/** Whether the text is a well-formed code under some other root prefix. */
function isForeignCode(text: string): boolean {
  const arcs = text.split('.', ARCS_MAX)
  for (let length = 2; length < arcs.length; length += 1) {
    const prefix = readRootPrefix(arcs.slice(0, length).join('.'))
    if (typeof prefix === 'string' && readSubject(text, { prefixes: [prefix] }).kind !== 'malformed')
      return true
  }
  return false
}

function refusal(text: string, { reason, segment, offset, clause }: Malformation): Finding {
  if (reason === 'prefix-unknown' && isForeignCode(text)) {
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

/** Reads what was asked for, in any letter case, under the home prefix or the anchor's. */
export function readQuestion(text: string, anchorPrefix: RootPrefix | undefined): Subject | Finding {
  const prefixes = anchorPrefix === undefined ? [HOME_PREFIX] : [HOME_PREFIX, anchorPrefix]
  const subject = readSubject(text, { prefixes })
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
