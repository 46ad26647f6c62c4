import type { Malformation, RootPrefix, Subject } from '@arc3088/codec'
import { HOME_PREFIX, isCodeUnderAnyRoot, isSupportedVersion, readSubject } from '@arc3088/codec'

/** What else a question may say. */
export interface Asked {
  /** The instant asked about, in seconds since 1970, where it is past: how the code stood then. */
  readonly at?: number
  /**
   * Age in seconds from which a recognition list tells nothing, where it is to be another than the client's own. It
   * matters to codes of other roots alone.
   */
  readonly listMaxAgeSeconds?: number
}

/** A text that was asked for, as far as it can be read without asking anybody. */
export type ReadText =
  /** A code or code prefix under the pinned root. */
  | { readonly kind: 'home'; readonly key: string; readonly subject: Subject }
  /** Well formed under another root, whichever that is: the recognition list tells. */
  | { readonly kind: 'foreign'; readonly key: string; readonly text: string }
  /** Nothing that a network could say more about. */
  | { readonly kind: 'unfetched'; readonly malformation?: Malformation }

/** Reads what was asked for, in any letter case. `key` is the same for all spellings of one code. */
export function readText(text: string, prefix: RootPrefix): ReadText {
  const subject = readSubject(text, { prefixes: [HOME_PREFIX, prefix] })
  if (subject.kind === 'malformed') {
    return subject.reason === 'prefix-unknown' && isCodeUnderAnyRoot(text)
      ? { kind: 'foreign', key: text.toUpperCase(), text }
      : { kind: 'unfetched', malformation: subject }
  }
  if (!isSupportedVersion(subject.version)) return { kind: 'unfetched' }
  return subject.prefix === prefix
    ? { kind: 'home', key: subject.text, subject }
    : { kind: 'foreign', key: subject.text, text: subject.text }
}
