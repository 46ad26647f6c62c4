import type { Subject } from '@arc3088/codec'
import { collectEvidence, type EvidenceAbove } from '@arc3088/issuer'
import { recordHash, type CompactJws } from '@arc3088/records'
import type { EvidenceBundleInput } from '@arc3088/trust'

import { chainOf, historiesOf, type RootWord } from '../appointment/root-word.ts'
import type { ProviderDeps } from '../deps.ts'
import { codeAuthority } from './own-codes.ts'

/** Answers what stands above this provider's own records; the same object as long as it says the same. */
export function rememberAbove(
  deps: Pick<ProviderDeps, 'appointment' | 'selfDescription'>,
): () => Promise<EvidenceAbove> {
  let kept: { word: RootWord; self: CompactJws; above: EvidenceAbove } | undefined
  return async () => {
    const { word } = deps.appointment.demand()
    const self = await deps.selfDescription()
    if (kept?.word === word && kept.self === self) return kept.above
    const above = {
      records: [word.record],
      chains: [chainOf(word, self)],
      root_keys: word.root_keys,
      status_list_tokens: word.status_list_tokens,
      ...(word.log_proof === undefined
        ? {}
        : { tlog_proofs: { [await recordHash(word.record)]: word.log_proof } }),
      ...historiesOf(word),
    }
    kept = { word, self, above }
    return above
  }
}

/** All that a stranger with the pinned key set needs for a code of this provider (wire-format W6). */
export async function evidenceFor(deps: ProviderDeps, subject: Subject): Promise<EvidenceBundleInput> {
  const { signStatusList } = deps.node.statusDoor
  return await collectEvidence(codeAuthority(deps), signStatusList, subject, await deps.evidenceAbove())
}
