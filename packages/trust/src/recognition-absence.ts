import { judgeKeySetTimes, walkKeySets } from './anchor.ts'
import type { Clock } from './clock.ts'
import { timeFinding } from './clock.ts'
import type { EvidenceBundle, PinnedAnchor } from './evidence-bundle.ts'
import { undecided } from './findings.ts'
import type { RecognitionTools } from './recognition.ts'
import { issuerOf, verifyList } from './recognition.ts'
import type { RecognitionPolicy } from './recognition-basis.ts'
import { listFinding } from './recognition-judgement.ts'

/**
 * Whether evidence shows that no root which the pinned one recognises has the prefix of a code: by a list of the pinned
 * root that is fit to tell, or by its own configuration, which names none. What keeps it from telling is reported: a list
 * that is missing or too old has no entry for anybody.
 */
export async function isShownUnlisted(
  bundle: EvidenceBundle,
  { anchor, policy, clock }: { anchor: PinnedAnchor; policy: RecognitionPolicy; clock: Clock },
  tools: RecognitionTools,
): Promise<boolean> {
  const { recognition = {}, root_keys: rootKeys } = bundle
  const { findings, memory } = tools
  const homeId = issuerOf(anchor.rootKeys) ?? 'the pinned root'
  const name = 'recognition list'
  if (recognition.list === undefined) {
    if (bundle.recognition === undefined && (await namesNoList(bundle, { anchor, clock }, tools))) return true
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

/** Whether the pinned root says of itself that it has no list: whoever leaves a list out could say so of any root. */
async function namesNoList(
  { chains, root_keys: rootKeys }: EvidenceBundle,
  { anchor, clock }: { anchor: PinnedAnchor; clock: Clock },
  { findings, memory, reader }: RecognitionTools,
): Promise<boolean> {
  const jws = chains[0]?.at(-1)
  const read = jws === undefined ? undefined : reader.configurations.read(jws)
  if (jws === undefined || read?.kind !== 'read') return false
  const { claims } = read
  if (claims.iss !== issuerOf(anchor.rootKeys)) return false
  const home = await walkKeySets(anchor, rootKeys, { findings, memory })
  if (home === undefined) return false
  const fault = await reader.configurations.signatureFault({ jws }, home.claims.keys.federation)
  if (fault !== undefined || timeFinding(claims, clock, claims.iss) !== undefined) return false
  const root = claims.metadata.agent_code_root
  return root !== undefined && root.recognition_list_uri === undefined
}
