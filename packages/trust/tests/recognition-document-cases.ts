import type { RecognitionCase } from './recognition-case.ts'
import { member, parties, recognition, updateKeys } from './recognition-case.ts'
import { party } from './recognition-scenario.ts'
import type { Claims } from './scenario.ts'
import { CODE, ROOT, createDraft, respellLastSymbol, signDraft } from './scenario.ts'

export const AGREEMENTS_CASES: readonly RecognitionCase[] = [
  {
    name: 'agreement-other',
    says: 'the agreement is sound, and not the one that the list names',
    verdict: 'chain-invalid',
    reason: 'agreement-other',
    change: (draft) => {
      member(draft.entry, 'agreement')['hash'] = 'A'.repeat(43)
    },
  },
  {
    name: 'agreement-bad-signature',
    says: "the first party's signature is good, the second's is not",
    verdict: 'signature-invalid',
    reason: 'signature-invalid',
    change: (draft) => {
      draft.tamper = ({ payload, signatures }) => ({
        payload,
        signatures: signatures.map((each) => ({ ...each, signature: signatures[0]?.signature ?? '' })),
      })
    },
  },
  {
    name: 'agreement-two-by-one',
    says: 'one party signs twice, with two keys that it lists, and the other not at all',
    verdict: 'signature-invalid',
    reason: 'signer-repeated',
    change: (draft, signers) => {
      parties(draft)[0] = party(ROOT, '1.2.156.3088', ['root.federation', 'root.root'], signers)
      Object.assign(parties(draft)[0] ?? {}, {
        jwks_thumbprints: [signers['root.federation'].kid, signers['stranger'].kid],
      })
      draft.signedBy = ['root.federation', 'stranger']
    },
  },
  {
    name: 'agreement-by-nobody',
    says: 'a key that no party lists has signed too',
    verdict: 'signature-invalid',
    reason: 'key-of-nobody',
    change: (draft) => {
      draft.signedBy.push('stranger')
    },
  },
  {
    name: 'agreement-partly-signed',
    says: 'the recognised root has not signed',
    verdict: 'signature-invalid',
    reason: 'signature-missing',
    change: (draft) => {
      draft.signedBy = ['root.federation']
    },
  },
  {
    name: 'agreement-unprotected-header',
    says: 'a signature has an unprotected header',
    verdict: 'signature-invalid',
    reason: 'jws-malformed',
    cut: (bundle) => {
      const { signatures } = recognition(bundle)['agreement'] as { signatures: Claims[] }
      Object.assign(signatures[0] ?? {}, { header: { kid: 'x' } })
    },
  },
  {
    name: 'agreement-respelled',
    says: 'a signature is spelled in another way than the canonical one',
    verdict: 'signature-invalid',
    reason: 'base64url-not-canonical',
    change: (draft) => {
      draft.tamper = ({ payload, signatures }) => ({
        payload,
        signatures: signatures.map((each) => ({ ...each, signature: respellLastSymbol(each.signature) })),
      })
    },
  },
]

export const CHAINS_CASES: readonly RecognitionCase[] = [
  {
    name: 'home-code',
    says: "a code of the pinned root, with the recognised root's chain",
    verdict: 'chain-invalid',
    reason: 'prefix-escape',
    change: (draft) => {
      draft.code = CODE
    },
  },
  {
    name: 'home-prefix-claimed',
    says: "the recognised root claims the pinned root's prefix, and signs one of its codes",
    verdict: 'chain-invalid',
    reason: 'prefix-escape',
    change: (draft) => {
      draft.code = CODE
      draft.afterwards = ({ rootConfiguration: { claims } }) => {
        member(member(claims, 'metadata'), 'agent_code_root')['code_prefix'] = '1.2.156.3088'
      }
    },
  },
  {
    name: 'home-chain',
    says: "a code of the recognised root, with the pinned root's chain",
    verdict: 'chain-invalid',
    reason: 'anchor-key-not-pinned',
    cut: async (bundle, signers) => {
      const { bundle: home } = await signDraft(createDraft(signers), signers)
      Object.assign(bundle, { chains: home['chains'], records: home['records'] })
    },
  },
  {
    name: 'prefix-not-agreed',
    says: 'the recognised root signs a code under another prefix of its own, that was not agreed on',
    verdict: 'chain-invalid',
    reason: 'prefix-escape',
    change: (draft) => {
      draft.code = '1.2.250.77.1.1.34C2.478BDF.3GF546'
      draft.afterwards = ({ rootConfiguration: { claims } }) => {
        member(member(claims, 'metadata'), 'agent_code_root')['code_prefix'] = '1.2.250.77'
      }
    },
  },
  {
    name: 'root-signs-instance',
    says: "the recognised root signs an instance, which is its provider's to assign",
    verdict: 'signature-invalid',
    reason: 'key-unknown',
    change: (draft) => {
      const [instance] = draft.foreign.records.slice(-1)
      if (instance !== undefined) instance.key = 'root.issuing'
    },
  },
  {
    name: 'key-not-agreed',
    says: 'the recognised root signs with a federation key of its newest key set that it did not announce',
    verdict: 'chain-invalid',
    reason: 'anchor-key-not-pinned',
    change: (draft, signers) => {
      updateKeys(draft, signers)
      draft.events.pop()
      draft.entry['jwks_thumbprints'] = [signers['f.federation'].kid]
    },
  },
  {
    name: 'key-set-swapped',
    says: 'the key sets that the list pins are of another root',
    verdict: 'chain-invalid',
    reason: 'iss-wrong',
    change: async (draft, signers) => {
      const { anchor } = await signDraft(createDraft(signers), signers)
      draft.entry['root_keys'] = [anchor]
    },
  },
  {
    name: 'provider-of-another',
    says: 'provider 1 of the recognised root signs for provider 1 of the pinned one',
    verdict: 'chain-invalid',
    reason: 'prefix-escape',
    change: (draft) => {
      draft.code = '1.2.156.3088.1.1'
    },
  },
]
