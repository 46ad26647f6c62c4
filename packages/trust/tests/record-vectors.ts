import type { PublicJwk, RejectionReason } from '@arc3088/records'

import type { Claims, Part, Signers } from './scenario.ts'
import { P1, createDraft, recordPart, respellLastSymbol, signPart } from './scenario.ts'

/** One assignment record and the keys that may sign it. */
export interface RecordVector {
  name: string
  says: string
  jws: string
  keys: readonly PublicJwk[]
  expect: { verified: boolean; reason: string | null }
}

export interface RecordCase {
  name: string
  says: string
  reason?: RejectionReason
  change?: (part: Part, signers: Signers) => void
  keys?: (keys: readonly PublicJwk[], signers: Signers) => readonly PublicJwk[]
}

const assignment = (part: Part) => part.claims['code_assignment'] as Claims
const flip = (text: string, index: number) => {
  const other = text[index] === 'A' ? 'B' : 'A'
  return `${text.slice(0, index)}${other}${text.slice(index + 1)}`
}

export const RECORD_CASES: readonly RecordCase[] = [
  { name: 'plain', says: 'a record of level instance' },
  {
    name: 'unknown-claim',
    says: 'unknown claims are ignored and stay in the bytes',
    change: (part) => {
      part.claims['https://p1.example/claims/batch'] = 7
      assignment(part)['shade'] = 'teal'
    },
  },
  {
    name: 'eddsa-name',
    says: 'the old name of the algorithm',
    change: (part) => {
      part.header = { alg: 'EdDSA' }
    },
  },
  {
    name: 'es256',
    says: 'the default algorithm',
    change: (part) => {
      part.key = 'p1.federation'
    },
    keys: (_, signers) => [signers['p1.federation'].publicJwk],
  },
  {
    name: 'overseas-prefix',
    says: 'a record under the prefix of another root',
    change: (part) => {
      part.claims['sub'] = '1.2.840.99999.1.1.34C2.478BDF.3GF546'
      assignment(part)['parent'] = '1.2.840.99999.1.1.34C2.478BDF.0'
    },
  },
  {
    name: 'payload-changed',
    says: 'one symbol of the payload was changed',
    reason: 'json-invalid',
    change: (part) => {
      part.tamper = (jws) => flip(jws, jws.indexOf('.') + 1)
    },
  },
  {
    name: 'signature-changed',
    says: 'one symbol of the signature was changed',
    reason: 'signature-invalid',
    change: (part) => {
      part.tamper = (jws) => flip(jws, jws.lastIndexOf('.') + 5)
    },
  },
  {
    name: 'signature-missing',
    says: 'the signature is empty',
    reason: 'signature-invalid',
    change: (part) => {
      part.tamper = (jws) => jws.slice(0, jws.lastIndexOf('.') + 1)
    },
  },
  {
    name: 'two-parts',
    says: 'there is no third part',
    reason: 'jws-malformed',
    change: (part) => {
      part.tamper = (jws) => jws.slice(0, jws.lastIndexOf('.'))
    },
  },
  {
    name: 'four-parts',
    says: 'there is a fourth part',
    reason: 'jws-malformed',
    change: (part) => {
      part.tamper = (jws) => `${jws}.AAAA`
    },
  },
  {
    name: 'alg-none',
    says: 'the header says none',
    reason: 'alg-unsupported',
    change: (part) => {
      part.header = { alg: 'none' }
    },
  },
  {
    name: 'alg-hmac',
    says: 'the header says HS256, as if the public key were a secret',
    reason: 'alg-unsupported',
    change: (part) => {
      part.header = { alg: 'HS256' }
    },
  },
  {
    name: 'alg-of-another-key',
    says: 'the header says ES256 for an Ed25519 key',
    reason: 'key-alg-mismatch',
    change: (part) => {
      part.header = { alg: 'ES256' }
    },
  },
  {
    name: 'kid-missing',
    says: 'the header names no key',
    reason: 'header-member-missing',
    change: (part) => {
      part.header = { kid: undefined }
    },
  },
  {
    name: 'key-unknown',
    says: 'signed by another key',
    reason: 'key-unknown',
    change: (part) => {
      part.key = 'stranger'
    },
  },
  {
    name: 'kid-not-thumbprint',
    says: 'the key set lists a stranger’s key under the kid of the real one',
    reason: 'kid-not-thumbprint',
    change: (part, signers) => {
      part.key = 'stranger'
      part.header = { kid: signers['p1.federation'].kid }
    },
    keys: (_, signers) => [{ ...signers['stranger'].publicJwk, kid: signers['p1.federation'].kid }],
  },
  {
    name: 'extra-header-member',
    says: 'the header has a fourth member',
    reason: 'header-member-unknown',
    change: (part) => {
      part.header = { cty: 'json' }
    },
  },
  {
    name: 'unknown-crit',
    says: 'a critical extension',
    reason: 'crit-unknown',
    change: (part) => {
      part.header = { crit: ['b64'], b64: false }
    },
  },
  {
    name: 'wrong-typ',
    says: 'typed as a plain JWT',
    reason: 'typ-wrong',
    change: (part) => {
      part.typ = 'JWT'
    },
  },
  {
    name: 'non-canonical-base64url',
    says: 'another spelling of the same signature bytes',
    reason: 'base64url-not-canonical',
    change: (part) => {
      part.tamper = respellLastSymbol
    },
  },
  {
    name: 'padded-base64url',
    says: 'a padded signature',
    reason: 'base64url-not-canonical',
    change: (part) => {
      part.tamper = (jws) => `${jws}==`
    },
  },
  {
    name: 'plain-base64',
    says: 'the header has a symbol of plain base64',
    reason: 'base64url-not-canonical',
    change: (part) => {
      part.tamper = (jws) => `+${jws.slice(1)}`
    },
  },
  {
    name: 'trailing-newline',
    says: 'a newline after the signature',
    reason: 'base64url-not-canonical',
    change: (part) => {
      part.tamper = (jws) => `${jws}\n`
    },
  },
  {
    name: 'duplicate-member',
    says: 'sub twice',
    reason: 'json-duplicate-member',
    change: (part) => {
      part.payloadText = (text) => `{"sub":"1.2.156.3088.1.1.34C2.478BDF.3GF547",${text.slice(1)}`
    },
  },
  {
    name: 'duplicate-escaped-member',
    says: 'sub twice, once with an escape in its name',
    reason: 'json-duplicate-member',
    change: (part) => {
      part.payloadText = (text) => `{"s\\u0075b":"x",${text.slice(1)}`
    },
  },
  {
    name: 'byte-order-mark',
    says: 'a byte order mark before the payload',
    reason: 'json-invalid',
    change: (part) => {
      part.payloadText = (text) => `\uFEFF${text}`
    },
  },
  {
    name: 'too-deep',
    says: 'an unknown claim nested 40 deep',
    reason: 'json-too-deep',
    change: (part) => {
      part.payloadText = (text) => `{"x":${'['.repeat(40)}${']'.repeat(40)},${text.slice(1)}`
    },
  },
  {
    name: 'sub-lower-case',
    says: 'sub is not in canonical spelling',
    reason: 'sub-segments-mismatch',
    change: (part) => {
      part.claims['sub'] = textOf(part.claims['sub']).toLowerCase()
    },
  },
  {
    name: 'sub-urn',
    says: 'sub is a urn',
    reason: 'sub-segments-mismatch',
    change: (part) => {
      part.claims['sub'] = `urn:oid:${textOf(part.claims['sub'])}`
    },
  },
  {
    name: 'segments-mismatch',
    says: 'the segments are not those of sub',
    reason: 'sub-segments-mismatch',
    change: (part) => {
      assignment(part)['requester'] = '34C3'
    },
  },
  {
    name: 'level-mismatch',
    says: 'the level is not that of sub',
    reason: 'level-mismatch',
    change: (part) => {
      assignment(part)['level'] = 'ontology'
    },
  },
  {
    name: 'parent-mismatch',
    says: 'the parent is not that of sub',
    reason: 'parent-mismatch',
    change: (part) => {
      assignment(part)['parent'] = '1.2.156.3088.1.1.34C2'
    },
  },
  {
    name: 'status-missing',
    says: 'no status',
    reason: 'claims-invalid',
    change: (part) => {
      delete part.claims['status']
    },
  },
  {
    name: 'iat-fraction',
    says: 'iat is not a whole second',
    reason: 'claims-invalid',
    change: (part) => {
      part.claims['iat'] = 1_790_000_000.5
    },
  },
  {
    name: 'jti-not-v7',
    says: 'jti is a random UUID',
    reason: 'claims-invalid',
    change: (part) => {
      part.claims['jti'] = '3f1c0d1e-8a44-4f0e-9f5b-0c1d2e3f4a5b'
    },
  },
  {
    name: 'natural-person-named',
    says: 'the record of a natural person carries a name',
    reason: 'claims-invalid',
    change: (part) => {
      const requester = recordPart(
        '1.2.156.3088.1.1.34C2',
        'p1.issuing',
        P1,
        part.claims['status'] as Claims,
        {
          requester_kind: 'natural-person',
          organization: { name: 'A. Person', country: 'CN' },
        },
      )
      part.claims = requester.claims
    },
  },
]

export async function buildRecordVector(
  { name, says, reason, change, keys }: RecordCase,
  signers: Signers,
): Promise<RecordVector> {
  const part = createDraft(signers).records[3]
  if (part === undefined) throw new RangeError('no instance record')
  change?.(part, signers)
  const listed = [signers['p1.issuing'].publicJwk]
  return {
    name,
    says,
    jws: await signPart(part, signers),
    keys: keys?.(listed, signers) ?? listed,
    expect: { verified: reason === undefined, reason: reason ?? null },
  }
}

function textOf(claim: unknown): string {
  if (typeof claim !== 'string') throw new TypeError('the claim is not text')
  return claim
}
