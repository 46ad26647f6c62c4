import type { AgreementEvent, RecognitionAgreement } from '@arc3088/records'

export const [A, B, C] = ['https://a.example', 'https://b.example', 'https://c.example'] as const
export const ALL = [A, B, C] as const
export const NBF = 1000
export const EXP = 2000

function party(entityId: string, digit: string) {
  return {
    entity_id: entityId,
    territory: 'ZZ',
    code_prefixes: [`1.2.${digit}`],
    jwks_thumbprints: [digit.repeat(43)],
    root_keys_thumbprints: [`r${digit.repeat(42)}`],
    tlog_vkeys: [],
    contact: 'x',
  }
}

/** Terms between these, in force from NBF to EXP. */
export function terms(ids: readonly string[] = [A, B]): RecognitionAgreement {
  return {
    jti: 'urn:uuid:01a1d2b4-6c00-7000-8000-000000000900',
    version: 1,
    supersedes: null,
    iat: 900,
    nbf: NBF,
    exp: EXP,
    review_by: EXP,
    notice_period_days: 0,
    parties: ids.map((id, i) => party(id, String(i + 1))),
    scope: { reciprocal: true, levels: ['provider'], scheme_versions: ['1'], purposes: ['resolution'] },
    constraints: { max_path_length: 1, algs: ['ES256'], max_status_ttl: 3600 },
    witnessing: { mutual: true },
    legal: {
      document_uri: 'https://a.example/x',
      document_digest: `sha-256:${'A'.repeat(43)}`,
      governing_language: ['en'],
    },
  }
}

/** Who does what, from when, and towards whom. */
export type Act = readonly [iss: string, event: AgreementEvent['event'], effective: number, towards?: string]

/** Events in the order given; each issuer's number follows. */
export function events(...acts: readonly Act[]): AgreementEvent[] {
  const last = new Map<string, number>()
  return acts.map(([iss, event, effective, towards = 'all'], i) => {
    const seq = (last.get(iss) ?? 0) + 1
    last.set(iss, seq)
    return {
      iss,
      iat: 900,
      jti: `01a1d2b4-6c00-7000-8000-${String(i).padStart(12, '0')}`,
      agreement: 'urn:uuid:01a1d2b4-6c00-7000-8000-000000000900',
      agreement_hash: 'A'.repeat(43),
      towards,
      seq,
      prev: null,
      event,
      reason: 'because',
      effective,
    }
  })
}
