import type { RecognitionCase } from './recognition-case.ts'
import { member, parties, recognition } from './recognition-case.ts'
import { F_PREFIX, G, addThirdParty } from './recognition-scenario.ts'
import { JUDGED_AT, createDraft, signDraft } from './scenario.ts'

export const SCOPE_CASES: readonly RecognitionCase[] = [
  {
    name: 'level-out-of-scope',
    says: 'instances were not agreed on',
    verdict: 'not-recognised',
    reason: 'recognition-out-of-scope',
    change: (draft) => {
      member(draft.terms, 'scope')['levels'] = ['provider', 'requester', 'ontology']
    },
  },
  {
    name: 'version-out-of-scope',
    says: 'codes of this scheme version were not agreed on',
    verdict: 'not-recognised',
    reason: 'recognition-out-of-scope',
    change: (draft) => {
      member(draft.terms, 'scope')['scheme_versions'] = ['2']
    },
  },
  {
    name: 'purpose-out-of-scope',
    says: 'the agreement is for another purpose than resolution',
    verdict: 'not-recognised',
    reason: 'recognition-out-of-scope',
    change: (draft) => {
      member(draft.terms, 'scope')['purposes'] = ['statistics']
    },
  },
  {
    name: 'recognised-one-way',
    says: "the agreement is not reciprocal: the other root recognises the pinned one's codes, which binds nobody here",
    verdict: 'chain-invalid',
    reason: 'recognition-contradicted',
    change: (draft) => {
      member(draft.terms, 'scope')['reciprocal'] = false
      parties(draft).reverse()
    },
  },
  {
    name: 'host-not-agreed',
    says: 'the agreement permits other hosts than the provider is at',
    verdict: 'chain-invalid',
    reason: 'name-not-agreed',
    change: (draft) => {
      member(draft.entry, 'constraints')['naming_constraints'] = { permitted: ['.example.org', 'f.example'] }
    },
  },
  {
    name: 'path-not-agreed',
    says: 'the agreement lets nobody stand between the recognising root and a leaf',
    verdict: 'chain-invalid',
    reason: 'path-too-long',
    change: (draft) => {
      member(draft.terms, 'constraints')['max_path_length'] = 0
    },
  },
  {
    name: 'alg-not-agreed',
    says: 'a provider signs with an algorithm that was not agreed on',
    verdict: 'chain-invalid',
    reason: 'alg-not-agreed',
    change: (draft) => {
      member(draft.terms, 'constraints')['algs'] = ['ES256']
    },
  },
  {
    name: 'status-too-old',
    says: 'the status lists are older than was agreed, though not past their own expiry',
    verdict: 'stale',
    reason: 'status-too-old',
    change: (draft) => {
      member(draft.terms, 'constraints')['max_status_ttl'] = 599
    },
  },
]

export const LISTS_CASES: readonly RecognitionCase[] = [
  {
    name: 'recognition-missing',
    says: 'the chain of another root, and no word of the pinned one about it',
    verdict: 'indeterminate',
    reason: 'part-missing',
    cut: (bundle) => {
      delete bundle['recognition']
    },
  },
  {
    name: 'list-missing',
    says: 'the agreement is there, the list is not',
    verdict: 'indeterminate',
    reason: 'part-missing',
    cut: (bundle) => {
      delete recognition(bundle)['list']
    },
  },
  {
    name: 'agreement-missing',
    says: 'the list is there, the agreement is not',
    verdict: 'indeterminate',
    reason: 'part-missing',
    cut: (bundle) => {
      delete recognition(bundle)['agreement']
    },
  },
  {
    name: 'third-key-set-missing',
    says: 'the key with which the third party signed is not there',
    verdict: 'indeterminate',
    reason: 'part-missing',
    change: (draft, signers) => {
      addThirdParty(draft, signers)
      draft.others = []
    },
  },
  {
    name: 'list-too-old',
    says: 'the list is more than ten minutes old',
    verdict: 'stale',
    reason: 'list-too-old',
    change: (draft) => {
      Object.assign(draft.list.claims, { iat: JUDGED_AT - 601, exp: JUDGED_AT + 600 })
    },
  },
  {
    name: 'list-rolled-back',
    says: 'the list is fresh, and of a lower number than was seen before',
    verdict: 'stale',
    reason: 'list-rolled-back',
    change: (draft) => {
      draft.minSeq = 13
    },
  },
  {
    name: 'list-by-recognised',
    says: 'the recognised root signs the list in the name of the pinned one',
    verdict: 'signature-invalid',
    reason: 'key-unknown',
    change: (draft) => {
      draft.list.key = 'f.federation'
    },
  },
  {
    name: 'list-of-recognised',
    says: "the list is the other root's own, signed with a key that the pinned root has",
    verdict: 'chain-invalid',
    reason: 'iss-wrong',
    change: (draft) => {
      draft.list.claims['iss'] = G
    },
  },
  {
    name: 'list-overlap',
    says: 'two entries of the list overlap',
    verdict: 'chain-invalid',
    reason: 'claims-invalid',
    change: async (draft, signers) => {
      const { anchor } = await signDraft(createDraft(signers), signers)
      const other = { ...draft.entry, trust_anchor: G, code_prefixes: [`${F_PREFIX}.1`], root_keys: [anchor] }
      member(other, 'agreement')['hash'] ??= 'A'.repeat(43)
      draft.entry['agreement'] = { ...member(draft.entry, 'agreement'), hash: undefined }
      draft.list.claims['entries'] = [draft.entry, other]
    },
  },
  {
    name: 'list-overlaps-home',
    says: "the list recognises a prefix below the pinned root's own",
    verdict: 'chain-invalid',
    reason: 'prefix-overlap',
    change: async (draft, signers) => {
      const { anchor } = await signDraft(createDraft(signers), signers)
      const agreement = { ...member(draft.entry, 'agreement'), hash: 'A'.repeat(43) }
      const below = { ...draft.entry, trust_anchor: G, code_prefixes: ['1.2.156.3088.9'] }
      draft.list.claims['entries'] = [draft.entry, { ...below, agreement, root_keys: [anchor] }]
    },
  },
  {
    name: 'list-prefix-not-agreed',
    says: 'the list recognises a prefix that was not agreed on',
    verdict: 'chain-invalid',
    reason: 'recognition-contradicted',
    change: (draft) => {
      Object.assign(parties(draft)[1] ?? {}, { code_prefixes: ['1.2.250.99'] })
    },
  },
  {
    name: 'list-key-not-agreed',
    says: 'the list has a key of the recognised root that the agreement has not',
    verdict: 'chain-invalid',
    reason: 'recognition-contradicted',
    change: (draft, signers) => {
      draft.entry['jwks_thumbprints'] = [signers['f.federation'].kid, signers['f.next'].kid]
    },
  },
]
