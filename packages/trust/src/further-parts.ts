import type { Subject } from '@arc3088/codec'
import type { Rejected } from '@arc3088/records'
import { EntityId, NumericDate, SubjectText, TYP, defineDocument } from '@arc3088/records'
import { z } from 'zod'

import type { Authorities } from './authority.ts'
import type { EvidenceBundle } from './evidence-bundle.ts'
import type { Findings } from './findings.ts'
import { broken, findingOf, undecided } from './findings.ts'

/** What documents about one code have in common; their content is not judged here. */
const AboutCode = z.object({ iss: EntityId, sub: SubjectText, iat: NumericDate })

const description = defineDocument({ typ: TYP.description, schema: AboutCode })
const agentKey = defineDocument({ typ: TYP.agentKey, schema: AboutCode })

function report(name: string, outcome: Rejected | { kind: 'verified' }, findings: Findings): void {
  if (outcome.kind === 'rejected') findings.fail(name, findingOf(outcome, name))
  else findings.pass(name, 'signature good')
}

async function verifyAbout(
  name: 'description' | 'agent key',
  text: string,
  { path, authorities, findings }: { path: readonly Subject[]; authorities: Authorities; findings: Findings },
): Promise<void> {
  const { provider } = authorities
  if (provider === undefined) {
    findings.fail(name, undecided('part-missing', 'the statements about its signer are missing', name))
    return
  }
  const document = name === 'description' ? description : agentKey
  const verified = await document.verify(text, provider.issuingKeys)
  if (verified.kind === 'rejected') {
    report(name, verified, findings)
  } else if (verified.claims.iss !== provider.entityId) {
    findings.fail(name, broken('iss-wrong', 'not by the provider', verified.claims.iss))
  } else if (!path.some((each) => each.kind === 'code' && each.text === verified.claims.sub)) {
    findings.fail(name, broken('sub-wrong', 'about another code', verified.claims.sub))
  } else {
    report(name, verified, findings)
  }
}

/**
 * The parts no verdict rests on. Their signatures are checked, so that damage is never overlooked; parts that this
 * version cannot check make the outcome undecided rather than silently good.
 */
export async function verifyFurtherParts(
  bundle: EvidenceBundle,
  context: {
    path: readonly Subject[]
    authorities: Authorities
    findings: Findings
    /** The code is under another root than the pinned one, so that `recognition` was checked. */
    isForeign: boolean
  },
): Promise<void> {
  const { findings, isForeign } = context
  if (bundle.description !== undefined) await verifyAbout('description', bundle.description, context)
  if (bundle.agent_key !== undefined) await verifyAbout('agent key', bundle.agent_key, context)
  const unchecked = [
    ['recognition', bundle.recognition !== undefined && !isForeign],
    ['chains', bundle.chains.length > 1],
  ] as const
  for (const [part, isThere] of unchecked) {
    if (isThere)
      findings.fail(part, undecided('part-not-checked', `this version does not check ${part}`, part))
  }
}
