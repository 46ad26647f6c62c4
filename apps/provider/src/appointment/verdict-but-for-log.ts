import type { Assessment, Verdict } from '@arc3088/trust'

type Judged = Pick<Assessment, 'verdict' | 'reasons' | 'provider'>

/** What the root can say of a provider in a status list. */
const STATUS_VERDICTS: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ['status-revoked', 'revoked'],
  ['status-recalled', 'recalled'],
  ['status-suspended', 'provider-suspended'],
  ['status-retired', 'provider-retired'],
  ['status-superseded', 'superseded'],
])

/**
 * The verdict on a provider's own code as if no proof from the root's log were asked for. A provider must believe its
 * root without one: it may be the very witness that the root's log waits for, and could never begin. Nothing else is
 * let pass: signatures, dates and statuses are judged as for any stranger, and strangers ask for the proof.
 */
export function verdictButForLog({ verdict, reasons, provider }: Judged): Verdict {
  if (verdict !== 'indeterminate') return verdict
  // The worst come first, so the first that is not about the log decides.
  const other = reasons.find(({ code }) => code !== 'log-proof-missing')
  if (other === undefined) return 'valid'
  if (other.code === 'provider-state')
    return provider?.state === 'suspended' ? 'provider-suspended' : 'provider-retired'
  return STATUS_VERDICTS.get(other.code) ?? verdict
}
