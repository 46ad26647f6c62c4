import {
  addAgreementPart,
  agreementHash,
  agreementPayload,
  MEDIA_TYPE,
  recordHash,
  signAgreementEvent,
  signAgreementPart,
  signRecognitionList,
  type AgreementEventKind,
  type AgreementJws,
  type RecognitionAgreement,
  type RecognitionEntry,
  type RootKeySetJws,
} from '@arc3088/records'
import { systemAmbient } from '@arc3088/service'
import type { PinnedAnchor } from '@arc3088/trust'

import {
  agentBelow,
  makeProvider,
  makeRoot,
  seconds,
  serveRecord,
  startSignedNode,
  type SignedNode,
} from './signed-nodes.ts'

export const HOME = '1.2.156.3088'
export const FOREIGN = '1.2.702.9999'
export const [F_PROVIDER, F_REQUESTER, F_ONTOLOGY, F_INSTANCE] = agentBelow(FOREIGN)

const JTI = 'urn:uuid:018f6f3e-5d5c-4b2e-8a8c-3f0d6a1b2c3d'
const AGREEMENT_PATH = `/v1/agreements/${JTI}`

/** A home root and a recognised root with its provider and an agent, each over HTTP of its own. */
export interface TwoRoots extends AsyncDisposable {
  readonly home: SignedNode
  readonly foreign: SignedNode
  readonly provider: SignedNode
  readonly anchor: PinnedAnchor
  readonly agreement: AgreementJws
  readonly jti: string
  readonly hash: string
  /** Publishes the next list of the home root; `change` has the entry say something else. */
  publish(change?: Partial<RecognitionEntry>, list?: { iat?: number; seq?: number }): Promise<string>
  /** Serves a list that was published before, or nothing. */
  serveList(jws: string | undefined): void
  /** An act of the home root about the agreement, with its next event and its next list. */
  act(event: AgreementEventKind, state: RecognitionEntry['state'], at?: number): Promise<void>
  /** Serves another agreement in its place, under the same address. */
  serveAgreement(jws: AgreementJws): void
}

/** How two roots differ from the plain case. */
export interface Variations {
  readonly terms?: Partial<RecognitionAgreement>
  /** What the foreign root grants its provider, where it is not its code. */
  readonly grants?: string
  readonly foreignPrefix?: string
  /** Signatures of the agreement, from those of both parties. */
  readonly sign?: (payload: string, home: SignedNode, foreign: SignedNode) => Promise<AgreementJws>
}

async function signByBoth(payload: string, home: SignedNode, foreign: SignedNode): Promise<AgreementJws> {
  const first = { payload, signatures: [await signAgreementPart(home.signer('federation'), payload)] }
  const joined = await addAgreementPart(first, await signAgreementPart(foreign.signer('federation'), payload))
  if ('kind' in joined) throw new Error(joined.detail)
  return joined
}

function termsOf(home: SignedNode, foreign: SignedNode): RecognitionAgreement {
  const iat = seconds() - 86_400
  const party = (node: SignedNode, territory: string, prefix: string) => ({
    entity_id: node.url,
    territory,
    code_prefixes: [prefix],
    jwks_thumbprints: [node.signer('federation').kid],
    root_keys_thumbprints: [node.signer('root').kid],
    tlog_vkeys: [],
    contact: 'desk@root.example',
  })
  // Two keys of one party, so that it can sign twice.
  const ofHome = {
    ...party(home, 'CN', HOME),
    jwks_thumbprints: [home.signer('federation').kid, home.signer('issuing').kid],
  }
  return {
    jti: JTI,
    version: 1,
    supersedes: null,
    iat,
    nbf: iat,
    exp: iat + 86_400 * 365,
    review_by: iat + 86_400 * 300,
    notice_period_days: 90,
    parties: [ofHome, party(foreign, 'SG', FOREIGN)],
    scope: {
      reciprocal: true,
      levels: ['provider', 'requester', 'ontology', 'instance'],
      scheme_versions: ['1'],
      purposes: ['resolution'],
    },
    constraints: { max_path_length: 1, algs: ['ES256', 'Ed25519'], max_status_ttl: 3600 },
    witnessing: { mutual: false },
    legal: {
      document_uri: 'https://law.example/agreement',
      document_digest: 'sha-256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
      governing_language: ['zh', 'en'],
    },
  }
}

/** Starts two roots with an agreement in force, and everything below the foreign one that its agent needs. */
export async function startTwoRoots(variations: Variations = {}): Promise<TwoRoots> {
  const resources = new AsyncDisposableStack()
  const home = resources.use(await startSignedNode())
  const foreign = resources.use(await startSignedNode())
  const provider = resources.use(await startSignedNode())
  const listUri = `${home.url}/v1/recognition-list`
  const homeSet = await makeRoot(home, HOME, { recognition_list_uri: listUri })
  const foreignSet = await makeRoot(foreign, variations.foreignPrefix ?? FOREIGN)
  const { grants } = variations
  await makeProvider(foreign, provider, F_PROVIDER, grants === undefined ? {} : { grants })
  await serveRecord(provider, F_REQUESTER, { requester_kind: 'organization' })
  await serveRecord(provider, F_ONTOLOGY)
  await serveRecord(provider, F_INSTANCE)

  const terms = { ...termsOf(home, foreign), ...variations.terms }
  const agreement = await (variations.sign ?? signByBoth)(agreementPayload(terms), home, foreign)
  const hash = await agreementHash(agreement)
  const desk = createDesk({ home, foreign, foreignSet, terms, hash })
  await desk.add(foreign, 'activate', terms.nbf)
  await desk.add(home, 'activate', terms.nbf)
  const two = { home, foreign, provider, anchor: { rootKeys: homeSet }, agreement, jti: JTI, hash }
  const serveAgreement = (jws: AgreementJws) =>
    home.serve(AGREEMENT_PATH, () => ({ mediaType: MEDIA_TYPE.generalJws, body: JSON.stringify(jws) }))
  serveAgreement(agreement)
  await desk.publish()
  return {
    ...two,
    publish: desk.publish,
    serveList: desk.serveList,
    serveAgreement,
    async act(event, state, at = seconds()) {
      await desk.add(home, event, at)
      await desk.publish({ state, state_since: at })
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** What the home root publishes of the agreement: its list, and the events of both. */
function createDesk(given: {
  home: SignedNode
  foreign: SignedNode
  foreignSet: RootKeySetJws
  terms: RecognitionAgreement
  hash: string
}) {
  const { home, foreign, foreignSet, terms, hash } = given
  const events: string[] = []
  const last = new Map<SignedNode, { seq: number; hash: string }>()
  let list: string | undefined
  let seq = 0
  home.serve('/v1/recognition-list', () =>
    list === undefined ? undefined : { mediaType: MEDIA_TYPE.recognitionList, body: list },
  )
  home.serve(`${AGREEMENT_PATH}/events`, () => ({
    mediaType: 'application/json',
    body: JSON.stringify({ events }),
  }))
  const entry: RecognitionEntry = {
    code_prefixes: [FOREIGN],
    trust_anchor: foreign.url,
    territory: 'SG',
    root_keys: [foreignSet],
    jwks_thumbprints: [foreign.signer('federation').kid],
    state: 'in-force',
    state_since: terms.nbf,
    valid_until: terms.exp,
    agreement: { jti: JTI, uri: `${home.url}${AGREEMENT_PATH}`, hash },
    constraints: terms.constraints,
  }
  return {
    async add(node: SignedNode, event: AgreementEventKind, at: number): Promise<void> {
      const before = last.get(node)
      const jws = await signAgreementEvent(node.signer('federation'), {
        iss: node.url,
        iat: at,
        jti: systemAmbient().newId(),
        agreement: JTI,
        agreement_hash: hash,
        towards: 'all',
        seq: (before?.seq ?? 0) + 1,
        prev: before?.hash ?? null,
        event,
        reason: 'decided',
        effective: at,
      })
      last.set(node, { seq: (before?.seq ?? 0) + 1, hash: await recordHash(jws) })
      events.push(jws)
    },
    async publish(change: Partial<RecognitionEntry> = {}, also: { iat?: number; seq?: number } = {}) {
      const iat = also.iat ?? seconds()
      const prev = list === undefined ? null : await recordHash(list)
      seq = also.seq ?? seq + 1
      list = await signRecognitionList(home.signer('federation'), {
        iss: home.url,
        iat,
        exp: iat + 3600,
        ttl: 60,
        seq,
        prev: seq === 1 ? null : (prev ?? hash),
        entries: [{ ...entry, ...change }],
      })
      return list
    },
    serveList: (jws: string | undefined) => void (list = jws),
  }
}
