import { parseStrictJson, readRecognitionList, type RecognitionList } from '@arc3088/records'
import type { Ambient } from '@arc3088/service'
import { waitFor } from '@arc3088/testkit'

import { startTestRoot, type TestRoot } from './start-test-root.ts'

/** The prefixes of the other roots. */
export const OVERSEAS = { prefix: '1.3.6.1.4.1.99999.3088', territory: 'SG' } as const
export const THIRD = { prefix: '1.3.6.1.4.1.99998.3088', territory: 'BR' } as const

const DAY = 86_400

/** Brings up the home root and an overseas one that know each other. */
export async function startPair(
  ambient: { home?: Partial<Ambient>; overseas?: Partial<Ambient> } = {},
): Promise<{ home: TestRoot; overseas: TestRoot } & AsyncDisposable> {
  const home = await startTestRoot(ambient.home)
  const overseas = await startTestRoot(ambient.overseas, OVERSEAS)
  await pinEachOther([home, overseas])
  return {
    home,
    overseas,
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]()
      await overseas[Symbol.asyncDispose]()
    },
  }
}

/** Brings up three roots that know each other. */
export async function startThree() {
  const home = await startTestRoot()
  const overseas = await startTestRoot({}, OVERSEAS)
  const third = await startTestRoot({}, THIRD)
  const roots = [home, overseas, third] as const
  await pinEachOther(roots)
  return {
    home,
    overseas,
    third,
    async [Symbol.asyncDispose]() {
      for (const root of roots) await root[Symbol.asyncDispose]()
    },
  }
}

/** What officers are given of another root by other means than the network. */
export function pinOf(root: TestRoot): { [name: string]: unknown; entity_id: string } {
  const [first] = parseStrictJson(root.keySets) as object[]
  const { prefix, territory } = root.root.deps
  return { entity_id: root.url, root_keys: first, territory, code_prefixes: [prefix] }
}

/** Has the officers of each root pin every other. */
export async function pinEachOther(roots: readonly TestRoot[]): Promise<void> {
  for (const root of roots)
    for (const other of roots) if (other !== root) await root.act('foreign-root:pin', pinOf(other))
}

/** Terms as a desk sends them. */
export function termsWith(
  others: readonly TestRoot[],
  { now = Math.floor(Date.now() / 1000), ...change }: { now?: number; [name: string]: unknown } = {},
): Record<string, unknown> {
  return {
    contact: 'desk@root.example',
    parties: others.map((other) => ({ entity_id: other.url, contact: 'desk@other.example' })),
    nbf: now,
    exp: now + 365 * DAY,
    review_by: now + 300 * DAY,
    notice_period_days: 90,
    scope: {
      reciprocal: true,
      levels: ['provider', 'requester', 'ontology', 'instance'],
      scheme_versions: ['1'],
      purposes: ['resolution'],
    },
    constraints: { max_path_length: 1, algs: ['ES256', 'Ed25519'], max_status_ttl: 3600 },
    witnessing: { mutual: false },
    legal: {
      document_uri: 'https://root.example/agreement.pdf',
      document_digest: `sha-256:${'A'.repeat(43)}`,
      governing_language: ['zh', 'en'],
    },
    ...change,
  }
}

/** What the desk shows of an agreement. */
export interface ShownAgreement {
  readonly id: string
  readonly jti: string
  readonly hash: string
  readonly stage: string
  readonly parties: readonly { entity_id: string; signed: boolean; state: string }[]
  readonly links: readonly { between: string[]; state: string }[]
  readonly events: readonly { iss: string; seq: number; event: string; hash: string }[]
  readonly deliveries: readonly {
    recipient: string
    kind: string
    attempts: number
    delivered_at: string | null
    last_answer: string | null
  }[]
}

/** The agreement as the desk of a root sees it; undefined while it does not know it. */
export async function shown(root: TestRoot, jti: string): Promise<ShownAgreement | undefined> {
  const response = await root.officer('auditor').get(`/v1/desk/agreements/${jti}`)
  return response.status === 200 ? ((await response.json()) as ShownAgreement) : undefined
}

/** Waits until the desk of a root sees an agreement as it should be. */
export async function untilShown(
  root: TestRoot,
  jti: string,
  isSo: (agreement: ShownAgreement) => boolean,
): Promise<ShownAgreement> {
  const found = { agreement: undefined as ShownAgreement | undefined }
  await waitFor(async () => {
    found.agreement = await shown(root, jti)
    return found.agreement !== undefined && isSo(found.agreement)
  })
  if (found.agreement === undefined) throw new Error('it was shown and is not')
  return found.agreement
}

export const untilStage = async (root: TestRoot, jti: string, stage: string): Promise<ShownAgreement> =>
  await untilShown(root, jti, (agreement) => agreement.stage === stage)

/** Proposes terms at the first root, and answers their name and hash. */
export async function proposeTo(
  proposer: TestRoot,
  others: readonly TestRoot[],
  change: { now?: number; [name: string]: unknown } = {},
): Promise<{ jti: string; hash: string }> {
  const { jti, hash } = await proposer.act('agreement:propose', termsWith(others, change))
  return { jti: String(jti), hash: String(hash) }
}

/** Has a root sign what was proposed to it, as soon as it has come in. */
export async function countersign(
  root: TestRoot,
  { jti, hash }: { jti: string; hash: string },
): Promise<void> {
  await untilShown(root, jti, () => true)
  await root.act('agreement:countersign', { jti, hash })
}

/** Brings an agreement into force at every root. */
export async function agree(
  [proposer, ...others]: readonly [TestRoot, ...TestRoot[]],
  change: { now?: number; [name: string]: unknown } = {},
): Promise<{ jti: string; hash: string; id: string }> {
  const made = await proposeTo(proposer, others, change)
  for (const other of others) await countersign(other, made)
  for (const root of [proposer, ...others]) await untilStage(root, made.jti, 'in-force')
  return { ...made, id: made.jti.slice('urn:uuid:'.length) }
}

/** The recognition list that a root serves now. */
export async function listOf(root: TestRoot): Promise<RecognitionList> {
  const response = await root.get('/v1/recognition-list')
  const text = await response.text()
  const read = readRecognitionList(text)
  if (read.kind === 'rejected') throw new Error(`${response.status} ${text} ${read.detail}`)
  return read.claims
}

/** What a root's list says of another root. */
export async function stateOf(root: TestRoot, other: TestRoot): Promise<string | undefined> {
  const { entries } = await listOf(root)
  return entries.find((entry) => entry.trust_anchor === other.url)?.state
}
