import type { AgreementEvent, RecognitionAgreement } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import type { KnownAgreement } from '../agreements/known-agreement.ts'
import { foldRecognitions, mutualWitnesses } from './recognition-entries.ts'

const HOME = 'https://root.example'
const OTHER = 'https://b.example'

const party = (entityId: string, prefix: string) => ({
  entity_id: entityId,
  territory: 'SG',
  code_prefixes: [prefix],
  jwks_thumbprints: [`key of ${entityId}`],
  root_keys_thumbprints: [`root of ${entityId}`],
  tlog_vkeys: [],
  contact: 'x',
})
const terms = (nth: number, change: Partial<RecognitionAgreement> = {}): RecognitionAgreement => ({
  jti: `urn:uuid:019ab000-0000-7000-8000-00000000000${nth}`,
  version: 1,
  supersedes: null,
  iat: 100,
  nbf: 100,
  exp: 1000,
  review_by: 900,
  notice_period_days: 1,
  parties: [party(HOME, '1.2.156.3088'), party(OTHER, '1.3.6')],
  scope: { reciprocal: true, levels: ['instance'], scheme_versions: ['1'], purposes: ['resolution'] },
  constraints: { max_path_length: 1, algs: ['ES256'], max_status_ttl: 60 },
  witnessing: { mutual: true },
  legal: {
    document_uri: 'https://x.example/',
    document_digest: `sha-256:${'A'.repeat(43)}`,
    governing_language: ['en'],
  },
  ...change,
})

type Said = [iss: string, event: AgreementEvent['event'], effective: number]
const known = (
  claims: RecognitionAgreement,
  said: readonly Said[],
  missing: string[] = [],
): KnownAgreement => ({
  id: claims.jti.slice('urn:uuid:'.length),
  hash: `hash of ${claims.jti}`,
  claims,
  jws: { payload: 'e30', signatures: [] },
  signed: claims.parties.map((each) => each.entity_id).filter((each) => !missing.includes(each)),
  missing,
  lastOwnPlace: 0,
  doubted: new Map(),
  sender: HOME,
  receivedAt: new Date(0),
  events: said.map(([iss, event, effective], nth) => ({
    hash: `event ${nth}`,
    jws: '',
    claims: {
      iss,
      iat: effective,
      jti: '019ab000-0000-7000-8000-000000000000',
      agreement: claims.jti,
      agreement_hash: 'x',
      towards: 'all',
      seq: nth + 1,
      prev: null,
      event,
      reason: 'x',
      effective,
    },
  })),
})

const BEGUN: Said[] = [
  [HOME, 'activate', 100],
  [OTHER, 'activate', 110],
]

describe('who is listed', () => {
  test.each<[string, KnownAgreement[], number, string | undefined]>([
    ['nobody while a signature is missing', [known(terms(1), [], [OTHER])], 200, undefined],
    ['nobody while one side has not begun', [known(terms(1), [[HOME, 'activate', 100]])], 200, undefined],
    ['whoever has begun, once both have', [known(terms(1), BEGUN)], 110, 'in-force'],
    ['nobody before that', [known(terms(1), BEGUN)], 109, undefined],
    ['a suspension by either side', [known(terms(1), [...BEGUN, [OTHER, 'suspend', 120]])], 120, 'suspended'],
    [
      'a suspension in the very second',
      [known(terms(1), [...BEGUN, [HOME, 'suspend', 110]])],
      110,
      'suspended',
    ],
    [
      'whoever left, for ever',
      [known(terms(1), [...BEGUN, [OTHER, 'terminate', 120]])],
      999_999,
      'terminated',
    ],
    ['what has expired', [known(terms(1), BEGUN)], 1001, 'expired'],
    ['nobody who left before it began', [known(terms(1), [[OTHER, 'terminate', 105]])], 200, undefined],
    [
      'nobody whose agreement has one direction only, the other',
      [
        known(
          terms(1, {
            scope: { ...terms(1).scope, reciprocal: false },
            parties: [party(OTHER, '1.3.6'), party(HOME, '1.2.156.3088')],
          }),
          BEGUN,
        ),
      ],
      200,
      undefined,
    ],
    [
      'what is in force rather than what is over',
      [known(terms(1), [...BEGUN, [OTHER, 'terminate', 120]]), known(terms(2), BEGUN)],
      200,
      'in-force',
    ],
  ])('%s', (_, agreements, at, state) => {
    expect(foldRecognitions(HOME, agreements, at)[0]?.state).toBe(state)
  })

  test('a prefix stands once: what is in force comes before what was', () => {
    const third = 'https://c.example'
    const moved = terms(2, { parties: [party(HOME, '1.2.156.3088'), party(third, '1.3.6')] })
    const begun: Said[] = [
      [HOME, 'activate', 300],
      [third, 'activate', 300],
    ]
    const agreements = [known(terms(1), [...BEGUN, [HOME, 'terminate', 200]]), known(moved, begun)]
    expect(foldRecognitions(HOME, agreements, 400).map(({ entityId, state }) => [entityId, state])).toEqual([
      [third, 'in-force'],
    ])
  })

  test('witnessing is mutual while it is agreed, and the agreement alive', () => {
    const witnesses = (change: Partial<RecognitionAgreement>, at: number) =>
      mutualWitnesses(foldRecognitions(HOME, [known(terms(1, change), BEGUN)], at))
    expect(witnesses({}, 200)).toEqual([OTHER])
    expect(witnesses({ witnessing: { mutual: false } }, 200)).toEqual([])
    expect(witnesses({}, 1001)).toEqual([])
  })
})
