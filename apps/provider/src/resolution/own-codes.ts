import type { IdentityCode, Subject } from '@arc3088/codec'
import { readOwnSubject, type CodeAuthority } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'

import type { ProviderDeps } from '../deps.ts'

/** What this provider answers for: everything below its own prefix, and not the prefix itself, which is the root's. */
export function codeAuthority(deps: ProviderDeps): CodeAuthority {
  const { prefix, code } = deps.appointment.demand()
  return deps.node.authority(
    prefix,
    (subject: Subject) => subject.level !== 'provider' && subject.provider === code.provider,
  )
}

/** Reads the code of an ontology or an instance of this provider, in any letter case. */
export function readOwnCode(deps: ProviderDeps, text: string): IdentityCode {
  const subject = readOwnSubject(codeAuthority(deps), text)
  if (subject.kind === 'code') return subject
  throw new RegistryError('code-not-found', `${subject.text} is a code prefix, not the code of an agent`)
}
