import { readFileSync } from 'node:fs'

import { parseRootKeySetJws, rootKeySetHash, signRootKeySet, STATUS, TYP } from '@arc3088/records'
import type { RootKeySet, StatusValue } from '@arc3088/records'
import { describe, expect, test } from 'vitest'

import type { Claims, Draft, KeyFile, Part } from '../tests/scenario.ts'
import { CODE, JUDGED_AT, P1, ROOT, T0, createDraft, signDraft, signersOf } from '../tests/scenario.ts'
import { pinAnchor } from './anchor.ts'
import { verifyEvidence } from './verify-evidence.ts'

const keyFile = new URL('../../../vectors/evidence/test-keys.json', import.meta.url)
const signers = await signersOf(JSON.parse(readFileSync(keyFile, 'utf8')) as KeyFile)

function pin(value: unknown) {
  const anchor = pinAnchor(JSON.stringify(value))
  if ('kind' in anchor) throw new Error(anchor.detail)
  return anchor
}

async function assess(
  change?: (draft: Draft) => void,
  { at, cut }: { at?: number; cut?: (bundle: Record<string, unknown>) => void } = {},
) {
  const draft = createDraft(signers)
  change?.(draft)
  const { code, at: judgedAt, anchor, bundle } = await signDraft(draft, signers)
  cut?.(bundle)
  return await verifyEvidence({ code, bundle, anchor: pin(anchor), at: at ?? judgedAt })
}

function positive(status: string): Part {
  return {
    typ: TYP.resolutionAnswer,
    key: 'p1.issuing',
    claims: {
      iss: P1,
      iat: JUDGED_AT,
      exp: JUDGED_AT + 120,
      sub: CODE,
      at: JUDGED_AT,
      result: 'assigned',
      status,
    },
  }
}

describe('a sound bundle', () => {
  test('is told with level, segments, provider, records and statuses', async () => {
    const assessment = await assess()
    expect(assessment).toMatchObject({
      code: CODE,
      verdict: 'valid',
      reasons: [],
      level: 'instance',
      segments: { provider: '1', requester: '34C2', ontology: '478BDF', instance: '3GF546' },
      provider: {
        code: '1.2.156.3088.1.1',
        entity_id: P1,
        organization: { name_en: 'Company A' },
        kind: 'domestic',
        state: 'active',
      },
      status: 'valid',
    })
    expect(assessment.records.map((record) => record.level)).toEqual([
      'provider',
      'requester',
      'ontology',
      'instance',
    ])
    expect(assessment.statuses.map((entry) => entry.of)).toEqual([
      'statement',
      'provider',
      'requester',
      'ontology',
      'instance',
    ])
    expect(assessment.checks.every((check) => check.ok)).toBe(true)
  })

  test('is good up to the earliest expiry and stale one second later', async () => {
    const { valid_until: validUntil } = await assess()
    expect(validUntil).toBe(T0 + 3600)
    expect((await assess(undefined, { at: T0 + 3600 })).verdict).toBe('valid')
    expect((await assess(undefined, { at: T0 + 3601 })).verdict).toBe('stale')
  })

  test('is not good for an instant before it was made', async () => {
    expect((await assess(undefined, { at: T0 - 3600 })).verdict).toBe('chain-invalid')
  })

  test.each(['records', 'chains', 'status_list_tokens'])('without its %s is indeterminate', async (part) => {
    const { verdict } = await assess(undefined, {
      cut: (bundle) => {
        delete bundle[part]
      },
    })
    expect(verdict).toBe('indeterminate')
  })

  test('does not need the key sets it carries, since one is pinned', async () => {
    const { verdict } = await assess(undefined, {
      cut: (bundle) => {
        delete bundle['root_keys']
      },
    })
    expect(verdict).toBe('valid')
  })

  test.each([0, 1, 2, 3])('without record %i is indeterminate', async (index) => {
    expect((await assess((draft) => draft.records.splice(index, 1))).verdict).toBe('indeterminate')
  })

  test.each([0, 1, 2, 3])('without status list %i is indeterminate', async (index) => {
    expect((await assess((draft) => draft.lists.splice(index, 1))).verdict).toBe('indeterminate')
  })

  test.each([0, 1, 2])('without statement %i of its chain is indeterminate', async (index) => {
    expect((await assess((draft) => draft.chain.splice(index, 1))).verdict).toBe('indeterminate')
  })

  test('about a provider needs no configuration of the provider, since the root alone speaks of its code', async () => {
    const assessment = await assess((draft) => {
      draft.code = '1.2.156.3088.1.1'
      draft.records = draft.records.slice(0, 1)
      draft.lists = draft.lists.slice(0, 1)
      draft.chain = [draft.statement, draft.rootConfiguration]
    })
    expect(assessment).toMatchObject({
      verdict: 'valid',
      provider: { code: '1.2.156.3088.1.1', entity_id: P1 },
    })
  })

  test('may carry an older token of a list too: the newer one counts', async () => {
    function addLater(draft: Draft, entries: [number, StatusValue][]) {
      const list = draft.lists[3]
      if (list === undefined) throw new RangeError('no list')
      draft.lists.push({ ...list, entries, claims: { ...list.claims, iat: T0 + 10, exp: T0 + 3610 } })
    }
    expect((await assess((draft) => addLater(draft, []))).verdict).toBe('valid')
    expect((await assess((draft) => addLater(draft, [[0, STATUS.revoked]]))).verdict).toBe('revoked')
    expect(
      await assess((draft) => {
        addLater(draft, [])
        Object.assign(draft.lists[3] ?? {}, { key: 'stranger' })
      }),
    ).toMatchObject({ verdict: 'signature-invalid' })
  })

  test('with parts this version cannot check is indeterminate, never silently good', async () => {
    const assessment = await assess(undefined, {
      cut: (bundle) => {
        bundle['recognition'] = {}
      },
    })
    expect(assessment).toMatchObject({ verdict: 'indeterminate', reasons: [{ code: 'part-not-checked' }] })
  })

  test('with a member nobody knows is refused', async () => {
    const assessment = await assess(undefined, {
      cut: (bundle) => {
        bundle['extra'] = true
      },
    })
    expect(assessment).toMatchObject({ verdict: 'chain-invalid', reasons: [{ code: 'bundle-malformed' }] })
  })
})

describe('a live answer', () => {
  async function withAnswer(status: string, at: number) {
    const draft = createDraft(signers)
    const { bundle: alone } = await signDraft(draft, signers)
    const answer = positive(status)
    answer.claims['assignment'] = (alone['records'] as string[])[3] ?? ''
    draft.resolution = answer
    const { anchor, bundle } = await signDraft(draft, signers)
    // ES256 signs anew each time; the answer must carry the very record shown.
    bundle['records'] = alone['records'] ?? []
    return await verifyEvidence({ code: CODE, bundle, anchor: pin(anchor), at })
  }

  test('newer than the list decides when it is worse', async () => {
    expect((await withAnswer('suspended', JUDGED_AT)).verdict).toBe('suspended')
  })

  test('that ran out is of no use and no harm', async () => {
    expect(await withAnswer('suspended', JUDGED_AT + 121)).toMatchObject({
      verdict: 'valid',
      valid_until: T0 + 3600,
    })
  })
})

describe('the root changes its keys', () => {
  async function succession({ signedBy }: { signedBy: readonly ('root.root' | 'stranger')[] }) {
    const draft = createDraft(signers)
    const { anchor, bundle } = await signDraft(draft, signers)
    const first = parseRootKeySetJws(JSON.stringify(anchor))
    if ('kind' in first) throw new Error(first.detail)
    const second: RootKeySet = {
      iss: ROOT,
      seq: 2,
      prev: await rootKeySetHash(first),
      threshold: 1,
      root_keys: [signers['stranger'].publicJwk],
      keys: { federation: [signers['root.federation'].publicJwk] },
      nbf: T0,
      exp: T0 + 400 * 86_400,
    }
    const next = await signRootKeySet(
      signedBy.map((name) => signers[name]),
      second,
    )
    return await verifyEvidence({
      code: CODE,
      bundle: { ...bundle, root_keys: [anchor, next] },
      anchor: pin(anchor),
      at: JUDGED_AT,
    })
  }

  test('and the next set carries signatures by keys of both: the walk succeeds', async () => {
    const assessment = await succession({ signedBy: ['root.root', 'stranger'] })
    expect(assessment.verdict).toBe('valid')
    expect(assessment.checks.find((check) => check.name === 'anchor')?.detail).toContain(
      'key set 2, pinned 1',
    )
  })

  test('but the set before never signed: refused', async () => {
    expect(await succession({ signedBy: ['stranger'] })).toMatchObject({
      verdict: 'signature-invalid',
      reasons: [{ code: 'threshold-not-met' }],
    })
  })

  test('but the new keys never signed: refused', async () => {
    expect(await succession({ signedBy: ['root.root'] })).toMatchObject({
      verdict: 'signature-invalid',
      reasons: [{ code: 'threshold-not-met' }],
    })
  })
})

describe('an operator serves for a provider', () => {
  const operatorId = 'https://custodian.example'

  function moveToOperator(draft: Draft): void {
    const appointment = (draft.statement.claims['metadata'] as Claims)['agent_code_provider'] as Claims
    appointment['operator'] = {
      entity_id: operatorId,
      jwks: { keys: [{ ...signers['p1.federation'].publicJwk }] },
    }
    draft.providerConfiguration.claims['iss'] = operatorId
    draft.providerConfiguration.claims['sub'] = operatorId
  }

  test('and its own records are good', async () => {
    const { verdict, provider } = await assess((draft) => {
      moveToOperator(draft)
      for (const record of draft.records.slice(1)) record.claims['iss'] = operatorId
    })
    expect({ verdict, entity: provider?.entity_id }).toEqual({ verdict: 'valid', entity: operatorId })
  })

  test('and records of the one before are undecided where the root states no term for it', async () => {
    expect(await assess(moveToOperator)).toMatchObject({
      verdict: 'indeterminate',
      reasons: [{ code: 'predecessor-unproved' }, {}, {}],
    })
  })
})

describe('an anchor', () => {
  test('whose own signature is wrong is refused', async () => {
    const { anchor, bundle } = await signDraft(createDraft(signers), signers)
    const pinned = pin(anchor)
    const [signature] = pinned.rootKeys.signatures
    const forged = {
      ...pinned.rootKeys,
      signatures: [{ protected: signature?.protected ?? '', signature: 'A'.repeat(86) }],
    }
    const assessment = await verifyEvidence({
      code: CODE,
      bundle,
      anchor: { rootKeys: forged },
      at: JUDGED_AT,
    })
    expect(assessment).toMatchObject({ verdict: 'signature-invalid', valid_until: null })
  })

  test('of another root refuses the bundle of this one', async () => {
    const { bundle } = await signDraft(createDraft(signers), signers)
    const other = createDraft(signers)
    other.keySet.claims['iss'] = 'https://other-root.example'
    const { anchor } = await signDraft(other, signers)
    expect((await verifyEvidence({ code: CODE, bundle, anchor: pin(anchor), at: JUDGED_AT })).verdict).toBe(
      'chain-invalid',
    )
  })
})
