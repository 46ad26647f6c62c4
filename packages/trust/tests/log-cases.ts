import { STATUS, TYP } from '@arc3088/records'

import { COSIGNER, WITNESSED_AT, addLogs, logMetadata } from './log-scenario.ts'
import type { Claims, Cosigner, Draft, Json, Part, ProofPart, Signers } from './scenario.ts'
import { CODE, JUDGED_AT, P1, ROOT, T0, setTlog } from './scenario.ts'
import type { VectorCase } from './vector-case.ts'

const P0 = 'https://p0.example'

function proofOf(draft: Draft, record: number): ProofPart {
  const part = draft.proofs?.find((each) => each.record === record)
  if (part === undefined) throw new RangeError(`no proof of record ${record}`)
  return part
}

function appointment(draft: Draft): Claims {
  return (draft.statement.claims['metadata'] as Claims)['agent_code_provider'] as Claims
}

/** The log of the provider as its statement has it, changed. */
function watchP1(draft: Draft, signers: Signers, witnesses: readonly Cosigner[], quorum: number): void {
  setTlog(draft, 'p1', logMetadata('p1', { witnesses, quorum }, signers))
}

/** Makes the proof of the instance, and it alone, something else. */
function changeProof(change: Partial<ProofPart>) {
  return (draft: Draft): void => {
    Object.assign(proofOf(draft, 3), change)
  }
}

/** A live answer of the provider about the instance. */
function answer(claims: Claims): Part {
  return {
    typ: TYP.resolutionAnswer,
    key: 'p1.issuing',
    claims: { iss: P1, iat: JUDGED_AT, exp: JUDGED_AT + 120, sub: CODE, at: JUDGED_AT, ...claims },
  }
}

/** The root's statement says since when the provider is active; the lists say that it is suspended now. */
function tellStates(draft: Draft, iat: number): void {
  draft.statement.claims['iat'] = iat
  appointment(draft)['states'] = [{ state: 'active', since: T0 }]
  draft.lists[0]?.entries.push([7000, STATUS.suspended], [7001, STATUS.suspended])
  const log = { origin: 'p1.example/tlog', size: 50, root: 'A'.repeat(43) }
  const then = { at: T0 + 150, status: 'valid', status_since: T0, transitions: [] }
  draft.resolution = answer({ result: 'assigned', log, ...then })
}

const LOG_HEAD: Claims = { origin: 'p1.example/tlog', size: 50, root: 'A'.repeat(43) }

function publishHistory(draft: Draft, history: Part): void {
  const metadata = draft.providerConfiguration.claims['metadata'] as Claims
  const own = metadata['agent_code_provider'] as Claims
  own['key_history_uri'] = `${P1}/federation/historical-keys`
  draft.histories = [history]
}

/** The provider has changed its issuing key since the instance was registered. */
export function retireKey(draft: Draft, signers: Signers, key: Claims): void {
  const [, , , instance] = draft.records
  if (instance === undefined) throw new RangeError('no record')
  instance.key = 'p1.former'
  publishHistory(draft, {
    typ: TYP.keyHistory,
    key: 'p1.federation',
    claims: {
      iss: P1,
      iat: T0 + 300,
      keys: [
        { ...signers['p1.former'].publicJwk, purpose: 'issuing', iat: T0 - 1000, nbf: T0 - 900, ...key },
      ],
    },
  })
}

/** The code was moved: what is there was registered by the entity that served before. */
function movePredecessor(draft: Draft, signers: Signers, term: { from: number; until: number }): void {
  appointment(draft)['predecessors'] = [
    { entity_id: P0, jwks_thumbprints: [signers['p0.federation'].kid], ...term },
  ]
  for (const record of draft.records.slice(1)) {
    record.claims['iss'] = P0
    record.key = 'p1.former'
  }
  publishHistory(draft, {
    typ: TYP.keyHistory,
    key: 'p0.federation',
    claims: {
      iss: P0,
      iat: T0 + 300,
      keys: [
        { ...signers['p0.federation'].publicJwk, purpose: 'federation', iat: T0 - 1000, exp: T0 + 400 },
        { ...signers['p1.former'].publicJwk, purpose: 'issuing', iat: T0 - 1000, exp: T0 + 400 },
      ],
    },
  })
}

/** The code was moved to the node of a custodian when its provider was retired. */
function leaveToCustodian(draft: Draft, signers: Signers, since: number): void {
  movePredecessor(draft, signers, { from: T0 - 1000, until: since })
  Object.assign(appointment(draft), {
    state: 'retired',
    states: [
      { state: 'active', since: T0 - 1000 },
      { state: 'retired', since },
    ],
    custodian: '1.2.156.3088.1.2',
  })
}

/** The custodian's node signs an instance after the retirement; its log's witness sees it a second later. */
function signByCustodian(draft: Draft, signers: Signers): void {
  leaveToCustodian(draft, signers, WITNESSED_AT)
  const instance = draft.records[3]
  if (instance === undefined) throw new RangeError('no record')
  Object.assign(instance, { key: 'p1.issuing' })
  instance.claims['iss'] = P1
  Object.assign(proofOf(draft, 3), { cosigners: [{ ...COSIGNER.root, at: WITNESSED_AT + 1 }] })
}

type Change = (draft: Draft, signers: Signers) => void

const logged = (change?: Change): Change => {
  return (draft, signers) => {
    addLogs(draft, signers)
    change?.(draft, signers)
  }
}

interface LogCase extends Omit<VectorCase, 'folder' | 'change'> {
  change?: Change
}

const good: readonly LogCase[] = [
  { name: 'log-witnessed', says: 'every record is proved to stand in a witnessed log', verdict: 'valid' },
  {
    name: 'log-hidden-name',
    says: 'the log hides the code of the instance behind a name',
    verdict: 'valid',
    change: changeProof({ entry: (entry) => ({ ...entry, c: entry.h }) }),
  },
  {
    name: 'log-stranger-beside',
    says: 'a witness nobody named has cosigned too: its line is read past',
    verdict: 'valid',
    change: changeProof({ cosigners: [COSIGNER.root, COSIGNER.stranger] }),
  },
  {
    name: 'log-two-of-two',
    says: 'both witnesses of the provider have cosigned, and both are needed',
    verdict: 'valid',
    change: (draft, signers) => {
      watchP1(draft, signers, [COSIGNER.root, COSIGNER.other], 2)
      for (const part of draft.proofs ?? []) {
        if (part.log === 'p1') part.cosigners = [COSIGNER.root, COSIGNER.other]
      }
    },
  },
  {
    name: 'log-unwitnessed',
    says: 'the logs have no witnesses yet: proofs are not asked for, and one that is there is right',
    verdict: 'valid',
    change: (draft, signers) => {
      setTlog(draft, 'root', logMetadata('root', { witnesses: [], quorum: 0 }, signers))
      watchP1(draft, signers, [], 0)
      draft.proofs = [{ record: 3, log: 'p1', cosigners: [] }]
    },
  },
  {
    name: 'log-self-described',
    says: 'the provider describes a log of its own; only what the root says of it counts',
    verdict: 'valid',
    change: (draft, signers) => {
      const own = (draft.providerConfiguration.claims['metadata'] as Claims)['agent_code_provider'] as Claims
      own['tlog'] = { ...logMetadata('root', { witnesses: [], quorum: 0 }, signers), url: `${P1}/tlog/` }
    },
  },
  {
    name: 'key-retired',
    says: 'the key of the record is retired; the log’s witnesses saw the record while it was in use',
    verdict: 'valid',
    change: (draft, signers) => {
      retireKey(draft, signers, { exp: WITNESSED_AT })
    },
  },
  {
    name: 'key-compromised-later',
    says: 'the key of the record was stolen after the log’s witnesses saw the record',
    verdict: 'valid',
    change: (draft, signers) => {
      retireKey(draft, signers, { exp: T0 + 400, revoked: { revoked_at: WITNESSED_AT, reason: 'stolen' } })
    },
  },
  {
    name: 'predecessor',
    says: 'another entity served before and registered the code in its term',
    verdict: 'valid',
    change: (draft, signers) => {
      movePredecessor(draft, signers, { from: T0 - 1000, until: WITNESSED_AT })
    },
  },
  {
    name: 'custody',
    says: 'the provider is retired, and the node of its custodian shows all that it left',
    verdict: 'provider-retired',
    reason: 'provider-state',
    change: (draft, signers) => {
      leaveToCustodian(draft, signers, WITNESSED_AT)
    },
  },
]

const missing: readonly LogCase[] = [
  {
    name: 'custodian-unproved',
    says: 'the provider is retired, and nothing shows when its custodian’s node signed the instance',
    verdict: 'indeterminate',
    reason: 'provider-retired-unproved',
    change: (draft, signers) => {
      signByCustodian(draft, signers)
      draft.proofs?.pop()
    },
  },
  {
    name: 'log-proof-missing',
    says: 'the proof of the instance was left out',
    verdict: 'indeterminate',
    reason: 'log-proof-missing',
    change: (draft) => {
      draft.proofs?.pop()
    },
  },
  {
    name: 'log-root-proof-missing',
    says: 'the proof of the provider’s record, in the root’s log, was left out',
    verdict: 'indeterminate',
    reason: 'log-proof-missing',
    change: (draft) => {
      draft.proofs?.shift()
    },
  },
  {
    name: 'log-young-without-answer',
    says: 'the record is ten seconds old and has no proof, and no live answer vouches for it',
    verdict: 'indeterminate',
    reason: 'log-proof-missing',
    change: (draft) => {
      draft.proofs?.pop()
      draft.at = T0 + 10
    },
  },
  {
    name: 'key-retired-without-proof',
    says: 'the key of the record is retired, and nothing shows that the record is older',
    verdict: 'indeterminate',
    reason: 'key-retired-unproved',
    change: (draft, signers) => {
      retireKey(draft, signers, { exp: WITNESSED_AT })
      draft.proofs?.pop()
    },
  },
  {
    name: 'predecessor-unproved',
    says: 'another entity served before, and nothing shows when it registered the code',
    verdict: 'indeterminate',
    reason: 'predecessor-unproved',
    change: (draft, signers) => {
      movePredecessor(draft, signers, { from: T0 - 1000, until: WITNESSED_AT })
      draft.proofs?.splice(1)
      watchP1(draft, signers, [], 0)
    },
  },
]

/** Proofs that are there and wrong: each is `log-proof-invalid`. */
const wrongProofs: readonly Omit<LogCase, 'reason'>[] = [
  {
    name: 'log-index-wrong',
    says: 'the proof states the next index',
    verdict: 'chain-invalid',
    change: changeProof({ shift: 1 }),
  },
  {
    name: 'log-of-another',
    says: 'the checkpoint is that of the root’s log, where the instance is the provider’s',
    verdict: 'chain-invalid',
    change: changeProof({ origin: 'root.example/tlog', key: 'root.tlog', cosigners: [COSIGNER.p1] }),
  },
  {
    name: 'log-key-of-another',
    says: 'the checkpoint names the provider’s log and is signed with the root’s key',
    verdict: 'signature-invalid',
    change: changeProof({ key: 'root.tlog' }),
  },
  {
    name: 'log-unsigned',
    says: 'only the witness signed the checkpoint',
    verdict: 'signature-invalid',
    change: changeProof({
      tamper: (proof) => proof.replace(/— p1\.example\/tlog \S+\n/u, ''),
    }),
  },
  {
    name: 'log-quorum-short',
    says: 'one of two witnesses has cosigned, and both are needed',
    verdict: 'signature-invalid',
    change: (draft, signers) => {
      watchP1(draft, signers, [COSIGNER.root, COSIGNER.other], 2)
    },
  },
  {
    name: 'log-witness-twice',
    says: 'one witness has cosigned twice, and two are needed',
    verdict: 'signature-invalid',
    change: (draft, signers) => {
      watchP1(draft, signers, [COSIGNER.root, COSIGNER.other], 2)
      const again = { ...COSIGNER.root, at: WITNESSED_AT + 1 }
      for (const part of draft.proofs ?? []) {
        if (part.log === 'p1') part.cosigners = [COSIGNER.root, again]
      }
    },
  },
  {
    name: 'log-witness-two-names',
    says: 'one key is listed as two witnesses, and two are needed',
    verdict: 'signature-invalid',
    change: (draft, signers) => {
      const twin = { ...COSIGNER.root, name: 'twin.example' }
      watchP1(draft, signers, [COSIGNER.root, twin], 2)
      for (const part of draft.proofs ?? []) if (part.log === 'p1') part.cosigners = [COSIGNER.root, twin]
    },
  },
  {
    name: 'log-cosigned-by-stranger',
    says: 'a witness that nobody named has cosigned, and no other',
    verdict: 'signature-invalid',
    change: changeProof({ cosigners: [COSIGNER.stranger] }),
  },
  {
    name: 'log-cosigned-in-its-name',
    says: 'a stranger has cosigned in the name of the witness',
    verdict: 'signature-invalid',
    change: changeProof({ cosigners: [{ ...COSIGNER.stranger, name: 'root.example' }] }),
  },
  {
    name: 'log-cosigned-by-itself',
    says: 'the log lists its own key as its witness',
    verdict: 'signature-invalid',
    change: (draft, signers) => {
      watchP1(draft, signers, [COSIGNER.p1], 1)
      for (const part of draft.proofs ?? []) if (part.log === 'p1') part.cosigners = [COSIGNER.p1]
    },
  },
  {
    name: 'log-entry-of-another',
    says: 'the proof is that of the ontology’s entry',
    verdict: 'chain-invalid',
    change: changeProof({ showing: 2 }),
  },
  {
    name: 'log-entry-not-assign',
    says: 'the entry is about a status',
    verdict: 'chain-invalid',
    change: changeProof({ entry: (entry) => ({ ...entry, t: 'status' }) }),
  },
  {
    name: 'log-entry-other-code',
    says: 'the entry has the record’s hash and another code',
    verdict: 'chain-invalid',
    change: changeProof({ entry: (entry) => ({ ...entry, c: `${entry.c.slice(0, -1)}7` }) }),
  },
  {
    name: 'log-entry-other-instant',
    says: 'the entry has another instant than the record',
    verdict: 'chain-invalid',
    change: changeProof({ entry: (entry) => ({ ...entry, i: entry.i + 1 }) }),
  },
  {
    name: 'log-provider-hidden',
    says: 'the root’s log hides the code of a provider',
    verdict: 'chain-invalid',
    change: (draft) => {
      Object.assign(proofOf(draft, 0), { entry: (entry: { h: string }) => ({ ...entry, c: entry.h }) })
    },
  },
  {
    name: 'log-proof-of-nothing',
    says: 'a proof stands in the bundle under the hash of no record',
    verdict: 'chain-invalid',
    change: changeProof({ hash: 'A'.repeat(43) }),
  },
  {
    name: 'log-extra-missing',
    says: 'the proof does not carry its entry',
    verdict: 'chain-invalid',
    change: changeProof({ tamper: (proof) => proof.replace(/\nextra \S+/u, '') }),
  },
]

const wrong = wrongProofs.map((each): LogCase => ({ ...each, reason: 'log-proof-invalid' }))

const former: readonly LogCase[] = [
  {
    name: 'key-retired-late-proof',
    says: 'the key of the record is retired, and the proof is of a later time',
    verdict: 'chain-invalid',
    reason: 'key-retired-unproved',
    change: (draft, signers) => {
      retireKey(draft, signers, { exp: WITNESSED_AT - 1 })
    },
  },
  {
    name: 'key-compromised',
    says: 'the key of the record was stolen before the log’s witnesses saw the record',
    verdict: 'chain-invalid',
    reason: 'key-compromised',
    change: (draft, signers) => {
      retireKey(draft, signers, { exp: T0 + 400, revoked: { revoked_at: WITNESSED_AT - 1 } })
    },
  },
  {
    name: 'key-compromised-without-proof',
    says: 'the key of the record was stolen, and the proof was left out: silence is no excuse',
    verdict: 'chain-invalid',
    reason: 'key-compromised',
    change: (draft, signers) => {
      retireKey(draft, signers, { exp: T0 + 400, revoked: { revoked_at: T0 + 300 } })
      draft.proofs?.pop()
    },
  },
  {
    name: 'key-compromised-still-listed',
    says: 'the configuration still lists a key that the history says is stolen',
    verdict: 'chain-invalid',
    reason: 'key-compromised',
    change: (draft, signers) => {
      retireKey(draft, signers, { exp: T0 + 400, revoked: { revoked_at: WITNESSED_AT - 1 } })
      const metadata = draft.providerConfiguration.claims['metadata'] as Claims
      const own = metadata['agent_code_provider'] as Claims
      const keys = (own['issuing_jwks'] as Claims)['keys'] as Json[]
      keys.push({ ...signers['p1.former'].publicJwk })
    },
  },
  {
    name: 'key-history-two-purposes',
    says: 'the history says that a key signed records, and the chain that it signs status lists',
    verdict: 'chain-invalid',
    reason: 'key-under-two-purposes',
    change: (draft, signers) => {
      retireKey(draft, signers, { exp: T0 + 400, ...signers['p1.status'].publicJwk })
    },
  },
  {
    name: 'log-key-two-purposes',
    says: 'the key of the log signs records too',
    verdict: 'chain-invalid',
    reason: 'key-under-two-purposes',
    change: (draft, signers) => {
      const metadata = draft.providerConfiguration.claims['metadata'] as Claims
      const own = metadata['agent_code_provider'] as Claims
      const keys = (own['issuing_jwks'] as Claims)['keys'] as Json[]
      keys.push({ ...signers['p1.tlog'].publicJwk })
    },
  },
  {
    name: 'key-history-by-stranger',
    says: 'the history is signed by a key nobody endorsed',
    verdict: 'signature-invalid',
    reason: 'key-unknown',
    change: (draft, signers) => {
      retireKey(draft, signers, { exp: T0 + 400 })
      Object.assign(draft.histories?.[0] ?? {}, { key: 'stranger' })
    },
  },
  {
    name: 'predecessor-out-of-term',
    says: 'another entity served before, and its record is of a later time',
    verdict: 'chain-invalid',
    reason: 'predecessor-out-of-term',
    change: (draft, signers) => {
      movePredecessor(draft, signers, { from: T0 - 1000, until: WITNESSED_AT - 1 })
    },
  },
  {
    name: 'custodian-signed',
    says: 'the provider is retired, and its custodian’s node signed the instance and dates it back before that',
    verdict: 'chain-invalid',
    reason: 'provider-retired-unproved',
    change: (draft, signers) => {
      signByCustodian(draft, signers)
    },
  },
  {
    name: 'custodian-before-signed',
    says: 'the provider is retired, and the node of its custodian before this one signed the instance in its term',
    verdict: 'chain-invalid',
    reason: 'provider-retired-unproved',
    change: (draft, signers) => {
      leaveToCustodian(draft, signers, WITNESSED_AT - 1)
      const [term] = appointment(draft)['predecessors'] as Claims[]
      Object.assign(term ?? {}, { from: WITNESSED_AT - 1, until: T0 + 400 })
    },
  },
  {
    name: 'predecessor-other-key',
    says: 'the history of the entity that served before is signed with a key the root did not name',
    verdict: 'signature-invalid',
    reason: 'key-unknown',
    change: (draft, signers) => {
      movePredecessor(draft, signers, { from: T0 - 1000, until: WITNESSED_AT })
      const [term] = appointment(draft)['predecessors'] as Claims[]
      Object.assign(term ?? {}, { jwks_thumbprints: [signers['stranger'].kid] })
    },
  },
]

const answers: readonly LogCase[] = [
  {
    name: 'negative-against-log',
    says: 'the provider denies a code that stands in its own log, and its record is here',
    verdict: 'chain-invalid',
    reason: 'negative-contradicted',
    change: (draft) => {
      draft.resolution = answer({ result: 'not_assigned', log: LOG_HEAD })
    },
  },
  {
    name: 'negative-against-log-alone',
    says: 'the provider denies a code that stands in its own log; the record was left out, the proof is here',
    verdict: 'chain-invalid',
    reason: 'negative-contradicted',
    change: (draft) => {
      draft.resolution = answer({ result: 'not_assigned', log: LOG_HEAD })
    },
    cut: (bundle) => {
      ;(bundle['records'] as Json[]).pop()
      ;(bundle['status_list_tokens'] as Json[]).pop()
    },
  },
  {
    name: 'negative-logged',
    says: 'the provider denies a code, says how far its log had come, and nothing contradicts it',
    verdict: 'not-assigned',
    reason: 'not-assigned',
    change: (draft) => {
      draft.code = `${CODE.slice(0, -1)}7`
      draft.records.pop()
      draft.lists.pop()
      draft.proofs?.pop()
      draft.resolution = answer({ sub: draft.code, result: 'not_assigned', log: LOG_HEAD })
    },
  },
  {
    name: 'negative-without-log',
    says: 'the provider denies a code and does not say how far its log had come',
    verdict: 'indeterminate',
    reason: 'answer-log-missing',
    change: (draft) => {
      draft.code = `${CODE.slice(0, -1)}7`
      draft.records.pop()
      draft.lists.pop()
      draft.proofs?.pop()
      draft.resolution = answer({ sub: draft.code, result: 'not_assigned' })
    },
  },
  {
    name: 'negative-other-log',
    says: 'the provider denies a code and names another log than the root does',
    verdict: 'chain-invalid',
    reason: 'answer-log-other',
    change: (draft) => {
      draft.code = `${CODE.slice(0, -1)}7`
      draft.records.pop()
      draft.lists.pop()
      draft.proofs?.pop()
      const log = { ...LOG_HEAD, origin: `${ROOT.slice(8)}/tlog` }
      draft.resolution = answer({ sub: draft.code, result: 'not_assigned', log })
    },
  },
]

/** Questions about the past, and what the root's statement says of it. */
const past: readonly LogCase[] = [
  {
    name: 'as-of-before-statement',
    says: 'of a time before the root’s statement, its word counts over the list that suspends the provider now',
    verdict: 'valid',
    asOf: T0 + 150,
    change: (draft) => {
      tellStates(draft, T0 + 151)
    },
  },
  {
    name: 'as-of-after-statement',
    says: 'the root’s statement is older than the time asked about, so that the list of now counts',
    verdict: 'provider-suspended',
    reason: 'status-suspended',
    asOf: T0 + 150,
    change: (draft) => {
      tellStates(draft, T0 + 150)
    },
  },
]

/** What the log, its witnesses and the histories of keys decide. Every case begins with a sound, witnessed world. */
export const LOG_CASES: readonly Omit<VectorCase, 'folder'>[] = [
  ...good,
  ...missing,
  ...wrong,
  ...former,
  ...answers,
  ...past,
].map((each) => ({ ...each, change: logged(each.change) }))
