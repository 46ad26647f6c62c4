import { arcsOf } from './alias.ts'
import type { Subject } from './identity-code.ts'

/** RFC 1035 2.3.4, as text without the final dot. */
export const DNS_NAME_LENGTH_MAX = 253
const DNS_LABEL_LENGTH_MAX = 63

/**
 * The DNS name of a code or code prefix below the apex of its root: the arcs of the numeric alias after the root prefix, marker
 * included, in reverse, then the apex. Where the apex is the root prefix reversed below a tree of OIDs (ITU-T X.672), this is
 * the name of the alias in that tree. All that a code prefix contains lies below its name, so a provider's part can be delegated.
 * An ontology keeps the label 0 of its instance number, so its name stands beside those of its instances, not above them.
 * @throws RangeError when the apex is not a host name of LDH labels (a leading underscore is allowed), or the name too long.
 */
export function aliasDnsName(subject: Subject, apex: string): string {
  const below = apex.toLowerCase()
  if (!isApex(below)) throw new RangeError('the apex is not a DNS name of letters, digits and hyphens')
  const name = [...arcsOf(subject).toReversed(), 0, below].join('.')
  if (name.length > DNS_NAME_LENGTH_MAX) {
    throw new RangeError(`the DNS name has ${name.length} characters, more than ${DNS_NAME_LENGTH_MAX}`)
  }
  return name
}

function isApex(text: string): boolean {
  return text.split('.').every((label) => {
    return label.length <= DNS_LABEL_LENGTH_MAX && /^_?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label)
  })
}
