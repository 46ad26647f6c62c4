import { judgeKeySetTimes, walkKeySets } from './anchor.ts'
import type { Clock } from './clock.ts'
import type { EvidenceBundle, PinnedAnchor } from './evidence-bundle.ts'
import { undecided } from './findings.ts'
import type { RecognitionTools } from './recognition.ts'
import { issuerOf, verifyList } from './recognition.ts'
import type { RecognitionPolicy } from './recognition-basis.ts'
import { listFinding } from './recognition-judgement.ts'

/**
 * Whether evidence shows that no root which the pinned one recognises has the prefix of a code: by a list of the pinned
 * root that is fit to tell. Where the evidence says nothing of recognition, the pinned root has no list. What keeps it
 * from telling is reported: a list that is missing or too old has no entry for anybody.
 */
export async function isShownUnlisted(
  { recognition, root_keys: rootKeys }: EvidenceBundle,
  { anchor, policy, clock }: { anchor: PinnedAnchor; policy: RecognitionPolicy; clock: Clock },
  tools: RecognitionTools,
): Promise<boolean> {
  if (recognition === undefined) return true
  const { findings, memory } = tools
  const homeId = issuerOf(anchor.rootKeys) ?? 'the pinned root'
  const name = 'recognition list'
  if (recognition.list === undefined) {
    findings.fail(name, undecided('part-missing', `the recognition list of ${homeId} is missing`, name))
    return false
  }
  const supplied = [...(recognition.root_keys ?? []), ...rootKeys].filter((set) => issuerOf(set) === homeId)
  const home = await walkKeySets(anchor, supplied, { findings, memory })
  if (home === undefined) return false
  const by = { homeId: home.claims.iss, keys: home.claims.keys.federation }
  const list = await verifyList(recognition.list, by, tools)
  if (list === undefined) return false
  judgeKeySetTimes(home, clock, findings)
  const unfit = listFinding({ list }, policy, clock)
  if (unfit !== undefined) findings.fail(name, unfit)
  return unfit === undefined
}
