import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import type { Draft, KeyFile } from '../tests/scenario.ts'
import { createDraft, JUDGED_AT, signDraft, signersOf } from '../tests/scenario.ts'
import { pinAnchor } from './anchor.ts'
import { verifyEvidence } from './verify-evidence.ts'

const keyFile = new URL('../../../vectors/evidence/test-keys.json', import.meta.url)
const signers = await signersOf(JSON.parse(readFileSync(keyFile, 'utf8')) as KeyFile)

type Bundle = Record<string, unknown> & {
  records: string[]
  chains: string[][]
  status_list_tokens: string[]
}

function retire({ statement }: Draft, also: object = {}): void {
  const { metadata } = statement.claims
  const appointment = (metadata as Record<string, Record<string, unknown>>)['agent_code_provider']
  Object.assign(appointment ?? {}, { state: 'retired', ...also })
}

async function assess(
  change: (draft: Draft) => void,
  cut: (bundle: Bundle) => void = () => undefined,
  at = JUDGED_AT,
) {
  const draft = createDraft(signers)
  change(draft)
  const { code, anchor, bundle } = await signDraft(draft, signers)
  cut(bundle as Bundle)
  const pinned = pinAnchor(JSON.stringify(anchor))
  if ('kind' in pinned) throw new Error(pinned.detail)
  const { verdict, reasons } = await verifyEvidence({ code, bundle, anchor: pinned, at })
  return { verdict, reasons: reasons.map((reason) => reason.code) }
}

/** What a walk brings home when the provider answers no more. */
function onlyOfRoot(bundle: Bundle): void {
  const [, statement = '', root = ''] = bundle.chains[0] ?? []
  bundle.chains = [[statement, root]]
  bundle.records = bundle.records.slice(0, 1)
  bundle.status_list_tokens = bundle.status_list_tokens.filter((token) =>
    Buffer.from(token.split('.')[1] ?? '', 'base64url')
      .toString()
      .includes('"sub":"https://root.example/'),
  )
}

describe('a provider that is retired with nobody in its place', () => {
  test('decides over what it can say no more', async () => {
    const { verdict, reasons } = await assess((draft) => retire(draft), onlyOfRoot)
    expect(verdict).toBe('provider-retired')
    expect(reasons[0]).toBe('provider-state')
    expect(reasons).toContain('part-missing')
  })

  test('decides over what it said and that has grown old, as long as the root speaks', async () => {
    const at = JUDGED_AT + 2 * 3600
    const { verdict, reasons } = await assess(
      (draft) => {
        retire(draft)
        for (const list of draft.lists) {
          if (list.key === 'root.status') list.claims = { ...list.claims, iat: at - 60, exp: at + 3600 }
        }
      },
      undefined,
      at,
    )
    expect(verdict).toBe('provider-retired')
    expect(reasons).toContain('expired')
  })

  test('decides nothing where the root’s own word is old', async () => {
    const { verdict } = await assess((draft) => retire(draft), onlyOfRoot, JUDGED_AT + 8 * 86_400)
    expect(verdict).toBe('stale')
  })

  test('excuses no damage', async () => {
    const { verdict } = await assess(
      (draft) => retire(draft),
      (bundle) => {
        bundle.records = bundle.records.map((jws, nth) =>
          nth === 3 ? jws.replace(/.{8}$/, 'AAAAAAAA') : jws,
        )
        const [, ...above] = bundle.chains[0] ?? []
        bundle.chains = [[bundle.chains[0]?.[0] ?? '', ...above]]
      },
    )
    expect(verdict).toBe('signature-invalid')
  })
})

test('a retired provider with a custodian is asked: what is missing is missing', async () => {
  const { verdict } = await assess((draft) => {
    const keys = { keys: [{ ...signers['p1.federation'].publicJwk }] }
    const operator = { entity_id: 'https://custody.example', jwks: keys }
    retire(draft, { operator, custodian: '1.2.156.3088.1.2' })
  }, onlyOfRoot)
  expect(verdict).toBe('indeterminate')
})

test('a provider that moved before it was retired is frozen where it was last', async () => {
  const { verdict } = await assess((draft) => {
    const keys = { keys: [{ ...signers['p1.federation'].publicJwk }] }
    retire(draft, { operator: { entity_id: 'https://moved.example', jwks: keys } })
  }, onlyOfRoot)
  expect(verdict).toBe('provider-retired')
})

test('an active provider that is silent is not retired', async () => {
  expect((await assess(() => undefined, onlyOfRoot)).verdict).toBe('indeterminate')
})
