import type { Subject } from '@arc3088/codec'
import { collectEvidence } from '@arc3088/issuer'
import { recordHash } from '@arc3088/records'
import type { EvidenceBundleInput } from '@arc3088/trust'

import type { ProviderDeps } from '../deps.ts'
import { codeAuthority } from './own-codes.ts'

/** All that a stranger with the pinned key set needs for a code of this provider (wire-format W6). */
export async function evidenceFor(deps: ProviderDeps, subject: Subject): Promise<EvidenceBundleInput> {
  const { word } = deps.appointment.demand()
  return await collectEvidence(codeAuthority(deps), deps.node.statusDoor.signStatusList, subject, {
    records: [word.record],
    chains: [[await deps.selfDescription(), word.statement, word.root_configuration]],
    root_keys: word.root_keys,
    status_list_tokens: word.status_list_tokens,
    ...(word.log_proof === undefined
      ? {}
      : { tlog_proofs: { [await recordHash(word.record)]: word.log_proof } }),
  })
}
