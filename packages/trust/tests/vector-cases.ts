import { STATUS, TYP } from '@arc3088/records'

import { LOG_CASES } from './log-cases.ts'
import type { Claims, Draft, Json, Part } from './scenario.ts'
import { CODE, JUDGED_AT, P1, ROOT, T0, recordPart, respellLastSymbol } from './scenario.ts'
import type { VectorCase } from './vector-case.ts'

function at(parts: readonly Part[], index: number): Part {
  const part = parts[index]
  if (part === undefined) throw new RangeError(`no part ${index}`)
  return part
}

function member(claims: Claims, ...path: string[]): Claims {
  let here = claims
  for (const name of path) here = here[name] as Claims
  return here
}

const instance = (draft: Draft) => at(draft.records, 3)
const ontology = (draft: Draft) => at(draft.records, 2)
const list = (draft: Draft, index: number) => {
  const part = draft.lists[index]
  if (part === undefined) throw new RangeError(`no list ${index}`)
  return part
}
const appointment = (draft: Draft) => member(draft.statement.claims, 'metadata', 'agent_code_provider')

const chainCases: readonly Omit<VectorCase, 'folder'>[] = [
  {
    name: 'unendorsed-key',
    says: "the provider's configuration is signed, and lists, a federation key the root never endorsed",
    verdict: 'chain-invalid',
    reason: 'key-unendorsed',
    change: (draft, signers) => {
      draft.providerConfiguration.key = 'stranger'
      draft.providerConfiguration.claims['jwks'] = { keys: [{ ...signers['stranger'].publicJwk }] }
    },
  },
  {
    name: 'swapped-anchor-key',
    says: "the root's configuration and statement are signed, and listed, with a key that the pinned key set does not name",
    verdict: 'chain-invalid',
    reason: 'anchor-key-not-pinned',
    change: (draft, signers) => {
      draft.rootConfiguration.key = 'stranger'
      draft.statement.key = 'stranger'
      draft.rootConfiguration.claims['jwks'] = { keys: [{ ...signers['stranger'].publicJwk }] }
    },
  },
  {
    name: 'wrong-iss',
    says: 'the statement names another root as its issuer, though the pinned root signed it',
    verdict: 'chain-invalid',
    reason: 'iss-wrong',
    change: (draft) => {
      draft.statement.claims['iss'] = 'https://other-root.example'
    },
  },
  {
    name: 'wrong-sub',
    says: "the root's statement is about another entity than the provider whose configuration is shown",
    verdict: 'chain-invalid',
    reason: 'sub-wrong',
    change: (draft) => {
      draft.statement.claims['sub'] = 'https://p2.example'
    },
  },
  {
    name: 'expired',
    says: "the root's statement has run out: nobody cheated, but it proves nothing now",
    verdict: 'stale',
    reason: 'expired',
    change: (draft) => {
      draft.statement.claims['exp'] = JUDGED_AT - 1
    },
  },
  {
    name: 'future-iat',
    says: "the root's statement was issued 61 seconds after the instant judged",
    verdict: 'chain-invalid',
    reason: 'issued-in-future',
    change: (draft) => {
      draft.statement.claims['iat'] = JUDGED_AT + 61
    },
  },
  {
    name: 'path-length',
    says: 'an intermediate stands between root and provider, where the root allows none',
    verdict: 'chain-invalid',
    reason: 'path-too-long',
    change: (draft, signers) => {
      const between = 'https://between.example'
      const upper = structuredClone(draft.statement)
      upper.claims['sub'] = between
      upper.claims['jwks'] = { keys: [{ ...signers['stranger'].publicJwk }] }
      draft.statement.claims['iss'] = between
      draft.statement.key = 'stranger'
      draft.chain = [draft.providerConfiguration, draft.statement, upper, draft.rootConfiguration]
    },
  },
  {
    name: 'unknown-crit',
    says: 'the statement carries a critical header extension',
    verdict: 'signature-invalid',
    reason: 'crit-unknown',
    change: (draft) => {
      draft.statement.header = { crit: ['exp'], exp: T0 }
    },
  },
  {
    name: 'wrong-typ',
    says: 'the statement is typed as a plain JWT',
    verdict: 'signature-invalid',
    reason: 'typ-wrong',
    change: (draft) => {
      draft.statement.typ = 'JWT'
    },
  },
  {
    name: 'missing-hint',
    says: 'the provider does not name the root as its superior',
    verdict: 'chain-invalid',
    reason: 'authority-hint-missing',
    change: (draft) => {
      delete draft.providerConfiguration.claims['authority_hints']
    },
  },
  {
    name: 'other-hint',
    says: 'the provider names another superior than the pinned root',
    verdict: 'chain-invalid',
    reason: 'authority-hint-missing',
    change: (draft) => {
      draft.providerConfiguration.claims['authority_hints'] = ['https://other-root.example']
    },
  },
  {
    name: 'prefix-escape',
    says: "the root grants a prefix that does not lie below the root's own",
    verdict: 'chain-invalid',
    reason: 'prefix-escape',
    change: (draft) => {
      appointment(draft)['code_prefix'] = '1.2.840.99999.1.1'
    },
  },
  {
    name: 'missing-prefix',
    says: 'the anchor names no code prefix',
    verdict: 'chain-invalid',
    reason: 'claims-invalid',
    change: (draft) => {
      delete member(draft.rootConfiguration.claims, 'metadata', 'agent_code_root')['code_prefix']
    },
  },
  {
    name: 'entity-type',
    says: 'the provider also calls itself a root, which the root does not allow it to be',
    verdict: 'chain-invalid',
    reason: 'entity-type-not-allowed',
    change: (draft) => {
      const metadata = member(draft.providerConfiguration.claims, 'metadata')
      metadata['agent_code_root'] = structuredClone(
        member(draft.rootConfiguration.claims, 'metadata', 'agent_code_root'),
      )
    },
  },
  {
    name: 'key-under-two-purposes',
    says: 'the provider lists its issuing key as a status key too',
    verdict: 'chain-invalid',
    reason: 'key-under-two-purposes',
    change: (draft) => {
      const own = member(draft.providerConfiguration.claims, 'metadata', 'agent_code_provider')
      const keys = member(own, 'status_jwks')['keys'] as Json[]
      keys.push(structuredClone((member(own, 'issuing_jwks')['keys'] as Json[])[0] ?? null))
    },
  },
  {
    name: 'self-appointed',
    says: 'the provider claims another provider code for itself; the root’s word overrides it and the evidence is good',
    verdict: 'valid',
    change: (draft) => {
      const own = member(draft.providerConfiguration.claims, 'metadata', 'agent_code_provider')
      own['provider_code'] = '2'
      own['code_prefix'] = '1.2.156.3088.1.2'
      own['state'] = 'retired'
    },
  },
  {
    name: 'out-of-position',
    says: 'the statement stands where the provider’s configuration belongs, twice over',
    verdict: 'chain-invalid',
    reason: 'statement-out-of-position',
    change: (draft) => {
      draft.chain = [draft.statement, draft.providerConfiguration, draft.rootConfiguration]
    },
  },
  {
    name: 'missing-statement',
    says: "the root's statement about the provider was left out",
    verdict: 'indeterminate',
    reason: 'part-missing',
    change: (draft) => {
      draft.chain = [draft.providerConfiguration, draft.rootConfiguration]
    },
  },
  {
    name: 'anchor-key-set-expired',
    says: 'the pinned key set has run out and no later one is shown',
    verdict: 'stale',
    reason: 'expired',
    change: (draft) => {
      draft.keySet.claims['exp'] = JUDGED_AT - 1
    },
  },
  {
    name: 'log-demanded',
    says: 'the root’s log asks for witnessed proofs, and there is none',
    verdict: 'indeterminate',
    reason: 'log-proof-missing',
    change: (draft) => {
      member(draft.rootConfiguration.claims, 'metadata', 'agent_code_root')['tlog'] = {
        url: `${ROOT}/tlog/`,
        origin: 'root.example/tlog',
        vkeys: ['root.example/tlog+00000000+AAAA'],
        quorum: 1,
      }
    },
  },
]

const evidenceCases: readonly Omit<VectorCase, 'folder'>[] = [
  { name: 'plain', says: 'everything is as it should be', verdict: 'valid' },
  {
    name: 'unknown-claim',
    says: 'a record, a statement and a token carry claims this version does not know: they stay in the bytes and are ignored',
    verdict: 'valid',
    change: (draft) => {
      instance(draft).claims['https://p1.example/claims/batch'] = { lot: 7, note: ['kept', null] }
      draft.providerConfiguration.claims['trust_marks'] = []
      list(draft, 3).claims['https://p1.example/claims/x'] = 1
    },
  },
  {
    name: 'lower-case-question',
    says: 'the question is in lower case; the answer is the canonical spelling',
    verdict: 'valid',
    change: (draft) => {
      draft.code = CODE.toLowerCase()
    },
  },
  {
    name: 'natural-person',
    says: 'the requester is a natural person: its record names nobody',
    verdict: 'valid',
    change: (draft) => {
      member(at(draft.records, 1).claims, 'code_assignment')['requester_kind'] = 'natural-person'
    },
  },
  {
    name: 'eddsa-name',
    says: 'the record header says EdDSA, the old name, for an Ed25519 key',
    verdict: 'valid',
    change: (draft) => {
      instance(draft).header = { alg: 'EdDSA' }
    },
  },
  {
    name: 'ontology',
    says: 'the question is about the ontology; its record and those above suffice',
    verdict: 'valid',
    change: (draft) => {
      draft.code = '1.2.156.3088.1.1.34C2.478BDF.0'
      draft.records = draft.records.slice(0, 3)
      draft.lists = draft.lists.slice(0, 3)
    },
  },
  {
    name: 'superseded',
    says: 'the instance has a successor: advice, the code stays good',
    verdict: 'superseded',
    reason: 'status-superseded',
    change: (draft) => {
      list(draft, 3).entries.push([0, STATUS.superseded])
    },
  },
  {
    name: 'ontology-superseded',
    says: 'the ontology has a successor: that does not cascade to the instance',
    verdict: 'valid',
    reason: 'status-superseded',
    change: (draft) => {
      list(draft, 2).entries.push([131_071, STATUS.superseded])
    },
  },
  {
    name: 'ephemeral',
    says: 'an instance that lives one hour, asked about in time',
    verdict: 'valid',
    change: (draft) => {
      instance(draft).claims['exp'] = T0 + 1800
    },
  },
  {
    name: 'wrong-iss',
    says: 'the instance record names another issuer than the entity the root named',
    verdict: 'chain-invalid',
    reason: 'iss-wrong',
    change: (draft) => {
      instance(draft).claims['iss'] = 'https://p2.example'
    },
  },
  {
    name: 'wrong-sub',
    says: 'the instance record is for a sibling of the code asked about',
    verdict: 'chain-invalid',
    reason: 'sub-wrong',
    change: (draft) => {
      const sibling = recordPart(
        `${CODE.slice(0, -1)}7`,
        'p1.issuing',
        P1,
        instance(draft).claims['status'] as Claims,
      )
      draft.records = [...draft.records.slice(0, 3), sibling]
    },
  },
  {
    name: 'another-providers-code',
    says: 'provider 1 signs a record for a code of provider 2',
    verdict: 'chain-invalid',
    reason: 'provider-other',
    change: (draft) => {
      draft.code = '1.2.156.3088.1.2.34C2.478BDF.3GF546'
      draft.records = [recordPart(draft.code, 'p1.issuing', P1, instance(draft).claims['status'] as Claims)]
    },
  },
  {
    name: 'prefix-escape',
    says: 'among the records stands one for a code outside the prefix that was granted',
    verdict: 'chain-invalid',
    reason: 'prefix-escape',
    change: (draft) => {
      const outside = '1.2.156.3088.1.2.34C2.478BDF.3GF546'
      draft.records.push(recordPart(outside, 'p1.issuing', P1, instance(draft).claims['status'] as Claims))
    },
  },
  {
    name: 'stranger-signs-record',
    says: 'the instance record is signed by a key nobody endorsed',
    verdict: 'signature-invalid',
    reason: 'key-unknown',
    change: (draft) => {
      instance(draft).key = 'stranger'
    },
  },
  {
    name: 'status-key-signs-record',
    says: 'the instance record is signed with the provider’s status key',
    verdict: 'signature-invalid',
    reason: 'key-unknown',
    change: (draft) => {
      instance(draft).key = 'p1.status'
    },
  },
  {
    name: 'provider-signs-its-own-code',
    says: 'the provider record is signed by the provider itself',
    verdict: 'signature-invalid',
    reason: 'key-unknown',
    change: (draft) => {
      at(draft.records, 0).key = 'p1.issuing'
    },
  },
  {
    name: 'segments-mismatch',
    says: 'the segments of the record are not those of its sub',
    verdict: 'chain-invalid',
    reason: 'sub-segments-mismatch',
    change: (draft) => {
      member(instance(draft).claims, 'code_assignment')['instance'] = '3GF547'
    },
  },
  {
    name: 'level-mismatch',
    says: 'a record of level instance is about an ontology',
    verdict: 'chain-invalid',
    reason: 'level-mismatch',
    change: (draft) => {
      member(ontology(draft).claims, 'code_assignment')['level'] = 'instance'
    },
  },
  {
    name: 'parent-mismatch',
    says: 'the record names another parent than its code has',
    verdict: 'chain-invalid',
    reason: 'parent-mismatch',
    change: (draft) => {
      member(instance(draft).claims, 'code_assignment')['parent'] = '1.2.156.3088.1.1.34C2'
    },
  },
  {
    name: 'future-iat',
    says: 'the record was issued 61 seconds after the instant judged',
    verdict: 'chain-invalid',
    reason: 'issued-in-future',
    change: (draft) => {
      instance(draft).claims['iat'] = JUDGED_AT + 61
    },
  },
  {
    name: 'iat-within-skew',
    says: 'the record was issued 60 seconds after the instant judged: within the tolerated clock difference',
    verdict: 'valid',
    change: (draft) => {
      instance(draft).claims['iat'] = JUDGED_AT + 60
    },
  },
  {
    name: 'ephemeral-ended',
    says: 'an instance whose hour is over',
    verdict: 'expired',
    reason: 'record-expired',
    change: (draft) => {
      instance(draft).claims['exp'] = JUDGED_AT - 1
    },
  },
  {
    name: 'wrong-typ',
    says: 'a live answer is passed off as a record',
    verdict: 'signature-invalid',
    reason: 'typ-wrong',
    change: (draft) => {
      instance(draft).typ = TYP.resolutionAnswer
    },
  },
  {
    name: 'unknown-crit',
    says: 'the record carries a critical header extension',
    verdict: 'signature-invalid',
    reason: 'crit-unknown',
    change: (draft) => {
      instance(draft).header = { crit: ['b64'], b64: true }
    },
  },
  {
    name: 'extra-header-member',
    says: 'the protected header of the record carries a key of its own',
    verdict: 'signature-invalid',
    reason: 'header-member-unknown',
    change: (draft, signers) => {
      instance(draft).header = { jwk: { ...signers['p1.issuing'].publicJwk } }
    },
  },
  {
    name: 'non-canonical-base64url',
    says: 'the last symbol of the signature is another spelling of the same bytes',
    verdict: 'signature-invalid',
    reason: 'base64url-not-canonical',
    change: (draft) => {
      instance(draft).tamper = respellLastSymbol
    },
  },
  {
    name: 'padded-base64url',
    says: 'the signature is padded',
    verdict: 'signature-invalid',
    reason: 'base64url-not-canonical',
    change: (draft) => {
      instance(draft).tamper = (jws) => `${jws}==`
    },
  },
  {
    name: 'trailing-newline',
    says: 'a newline follows the signature',
    verdict: 'signature-invalid',
    reason: 'base64url-not-canonical',
    change: (draft) => {
      instance(draft).tamper = (jws) => `${jws}\n`
    },
  },
  {
    name: 'duplicate-member',
    says: 'sub stands twice in the signed payload, the second time with an escape in its name',
    verdict: 'signature-invalid',
    reason: 'json-duplicate-member',
    change: (draft) => {
      instance(draft).payloadText = (text) =>
        `{"s\\u0075b":"1.2.156.3088.1.1.34C2.478BDF.3GF547",${text.slice(1)}`
    },
  },
  {
    name: 'duplicate-nested-member',
    says: 'the status index stands twice in the signed payload',
    verdict: 'signature-invalid',
    reason: 'json-duplicate-member',
    change: (draft) => {
      instance(draft).payloadText = (text) => text.replace('"idx":0', '"idx":1,"idx":0')
    },
  },
  {
    name: 'record-repeated',
    says: 'the instance record is shown twice',
    verdict: 'chain-invalid',
    reason: 'record-repeated',
    change: (draft) => {
      draft.records.push(instance(draft))
    },
  },
  {
    name: 'entity-mismatch',
    says: 'the provider code was given to another entity than the one the statement is about',
    verdict: 'chain-invalid',
    reason: 'entity-mismatch',
    change: (draft) => {
      member(at(draft.records, 0).claims, 'code_assignment')['entity_id'] = 'https://p2.example'
    },
  },
  {
    name: 'instance-suspended',
    says: 'the instance is locked',
    verdict: 'suspended',
    reason: 'status-suspended',
    change: (draft) => {
      list(draft, 3).entries.push([0, STATUS.suspended])
    },
  },
  {
    name: 'ancestor-ontology-suspended',
    says: 'the ontology is locked: that reaches every instance',
    verdict: 'suspended',
    reason: 'status-suspended',
    change: (draft) => {
      list(draft, 2).entries.push([131_071, STATUS.suspended])
    },
  },
  {
    name: 'ancestor-ontology-recalled',
    says: 'the ontology is recalled, and the instance locked: the worst decides',
    verdict: 'recalled',
    reason: 'status-recalled',
    change: (draft) => {
      list(draft, 2).entries.push([131_071, STATUS.recalled])
      list(draft, 3).entries.push([0, STATUS.suspended])
    },
  },
  {
    name: 'ancestor-requester-suspended',
    says: 'the requester is suspended',
    verdict: 'requester-suspended',
    reason: 'status-suspended',
    change: (draft) => {
      list(draft, 1).entries.push([80_001, STATUS.suspended])
    },
  },
  {
    name: 'ancestor-provider-suspended',
    says: 'the provider code is suspended',
    verdict: 'provider-suspended',
    reason: 'status-suspended',
    change: (draft) => {
      list(draft, 0).entries.push([7000, STATUS.suspended])
    },
  },
  {
    name: 'statement-suspended',
    says: "the root's statement is suspended",
    verdict: 'provider-suspended',
    reason: 'status-suspended',
    change: (draft) => {
      list(draft, 0).entries.push([7001, STATUS.suspended])
    },
  },
  {
    name: 'statement-revoked',
    says: "the root's statement was withdrawn, as after the theft of the provider's keys",
    verdict: 'chain-invalid',
    reason: 'statement-withdrawn',
    change: (draft) => {
      list(draft, 0).entries.push([7001, STATUS.revoked])
    },
  },
  {
    name: 'provider-retired',
    says: 'the statement says that the provider is retired',
    verdict: 'provider-retired',
    reason: 'provider-state',
    change: (draft) => {
      appointment(draft)['state'] = 'retired'
    },
  },
  {
    name: 'instance-revoked',
    says: 'the instance is revoked',
    verdict: 'revoked',
    reason: 'status-revoked',
    change: (draft) => {
      list(draft, 3).entries.push([0, STATUS.revoked])
    },
  },
  {
    name: 'missing-record',
    says: 'the ontology record was left out',
    verdict: 'indeterminate',
    reason: 'part-missing',
    change: (draft) => {
      draft.records.splice(2, 1)
    },
  },
  {
    name: 'missing-status-token',
    says: "the token of the ontology's status list was left out",
    verdict: 'indeterminate',
    reason: 'status-missing',
    change: (draft) => {
      draft.lists.splice(2, 1)
    },
  },
  {
    name: 'missing-chain',
    says: 'the bundle has no chains member',
    verdict: 'indeterminate',
    reason: 'part-missing',
    cut: (bundle) => {
      delete bundle['chains']
    },
  },
  {
    name: 'status-sub-mismatch',
    says: "a sound token of another list stands where the instance's list belongs",
    verdict: 'chain-invalid',
    reason: 'status-sub-mismatch',
    change: (draft) => {
      list(draft, 3).claims['sub'] = `${P1}/status/4`
    },
  },
  {
    name: 'status-index-out-of-range',
    says: 'the record refers to entry 131072 of a list of 131072',
    verdict: 'chain-invalid',
    reason: 'status-index-out-of-range',
    change: (draft) => {
      member(instance(draft).claims, 'status', 'status_list')['idx'] = 131_072
    },
  },
  {
    name: 'status-token-expired',
    says: "the token of the instance's list has run out",
    verdict: 'stale',
    reason: 'expired',
    change: (draft) => {
      list(draft, 3).claims['exp'] = JUDGED_AT - 1
    },
  },
  {
    name: 'status-signed-by-provider-for-root',
    says: "the root's list is signed with the provider's status key",
    verdict: 'signature-invalid',
    reason: 'key-unknown',
    change: (draft) => {
      list(draft, 0).key = 'p1.status'
    },
  },
  {
    name: 'status-bomb',
    says: 'the list is a small zlib stream that inflates to 16 MiB',
    verdict: 'chain-invalid',
    reason: 'status-list-malformed',
    change: (draft) => {
      list(draft, 3).claims['status_list'] = { lst: BOMB.lst }
    },
  },
  {
    name: 'status-not-zlib',
    says: 'the list is not a zlib stream',
    verdict: 'chain-invalid',
    reason: 'status-list-malformed',
    change: (draft) => {
      list(draft, 3).claims['status_list'] = { lst: 'AAAA' }
    },
  },
  {
    name: 'status-eight-bits',
    says: 'the list has eight bits an entry',
    verdict: 'chain-invalid',
    reason: 'claims-invalid',
    change: (draft) => {
      list(draft, 3).claims['status_list'] = { bits: 8 }
    },
  },
  {
    name: 'negative',
    says: 'the provider answers, signed and live, that the instance was never assigned',
    verdict: 'not-assigned',
    reason: 'not-assigned',
    change: (draft) => {
      draft.code = `${CODE.slice(0, -1)}7`
      draft.records = draft.records.slice(0, 3)
      draft.lists = draft.lists.slice(0, 3)
      draft.resolution = negative(draft.code, 'p1.issuing', P1)
    },
  },
  {
    name: 'negative-by-root',
    says: 'the root answers that the provider code was never assigned',
    verdict: 'not-assigned',
    reason: 'not-assigned',
    change: (draft) => {
      draft.code = '1.2.156.3088.1.9.34C2.478BDF.3GF546'
      draft.records = []
      draft.lists = []
      draft.chain = [draft.rootConfiguration]
      draft.resolution = negative('1.2.156.3088.1.9', 'root.issuing', ROOT)
    },
  },
  {
    name: 'negative-by-stranger',
    says: 'a negative signed by a key nobody endorsed',
    verdict: 'signature-invalid',
    reason: 'key-unknown',
    change: (draft) => {
      draft.code = `${CODE.slice(0, -1)}7`
      draft.records = draft.records.slice(0, 3)
      draft.lists = draft.lists.slice(0, 3)
      draft.resolution = negative(draft.code, 'stranger', P1)
    },
  },
  {
    name: 'negative-stale',
    says: 'a negative that has run out',
    verdict: 'stale',
    reason: 'expired',
    change: (draft) => {
      draft.code = `${CODE.slice(0, -1)}7`
      draft.records = draft.records.slice(0, 3)
      draft.lists = draft.lists.slice(0, 3)
      draft.resolution = negative(draft.code, 'p1.issuing', P1)
      draft.at = JUDGED_AT + 121
    },
  },
  {
    name: 'negative-other-instant',
    says: 'a negative for an instant in the past, passed off as one for now',
    verdict: 'chain-invalid',
    reason: 'answer-other-instant',
    change: (draft) => {
      draft.code = `${CODE.slice(0, -1)}7`
      draft.records = draft.records.slice(0, 3)
      draft.lists = draft.lists.slice(0, 3)
      draft.resolution = negative(draft.code, 'p1.issuing', P1)
      draft.resolution.claims['at'] = T0
    },
  },
  {
    name: 'negative-contradicted',
    says: 'the provider denies a code whose record it signed',
    verdict: 'chain-invalid',
    reason: 'answer-contradicted',
    change: (draft) => {
      draft.resolution = negative(CODE, 'p1.issuing', P1)
    },
  },
  {
    name: 'silence',
    says: 'no record of the instance and no signed answer: nothing is known, least of all that it was never assigned',
    verdict: 'indeterminate',
    reason: 'part-missing',
    change: (draft) => {
      draft.records.pop()
      draft.lists.pop()
    },
  },
  {
    name: 'foreign-prefix',
    says: 'a well-formed code under a root that is not recognised',
    verdict: 'not-recognised',
    reason: 'prefix-not-recognised',
    change: (draft) => {
      draft.code = '1.2.840.99999.1.1.34C2.478BDF.3GF546'
    },
  },
  {
    name: 'malformed-question',
    says: 'the question is not a code',
    verdict: 'malformed',
    reason: 'code-malformed',
    change: (draft) => {
      draft.code = '1.2.156.3088.1.1.034C2.478BDF.3GF546'
    },
  },
  {
    name: 'unsupported-version',
    says: 'the question is a code of scheme version 2',
    verdict: 'unsupported-version',
    reason: 'version-unsupported',
    change: (draft) => {
      draft.code = '1.2.156.3088.2.1.34C2.478BDF.3GF546'
    },
  },
]

function negative(sub: string, key: Part['key'], iss: string): Part {
  return {
    typ: TYP.resolutionAnswer,
    key,
    claims: { iss, iat: JUDGED_AT, exp: JUDGED_AT + 120, sub, at: JUDGED_AT, result: 'not_assigned' },
  }
}

/** Filled by whoever builds the cases: making a bomb takes an asynchronous compressor. */
export const BOMB = { lst: '' }

export const VECTOR_CASES: readonly VectorCase[] = [
  ...chainCases.map((each) => ({ ...each, folder: 'chains' as const })),
  ...evidenceCases.map((each) => ({ ...each, folder: 'evidence' as const })),
  ...LOG_CASES.map((each) => ({ ...each, folder: 'evidence' as const })),
]
