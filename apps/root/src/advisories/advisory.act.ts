import { readSubject } from '@arc3088/codec'
import { RegistryError } from '@arc3088/problems'
import {
  ADVISORY_AFFECTED_MAX,
  ADVISORY_CONTENT,
  LanguageTitle,
  ScenarioName,
  Sha256Digest,
  WebUri,
} from '@arc3088/records'
import { numericDate } from '@arc3088/service'
import type { Transaction } from 'kysely'
import { z } from 'zod'

import { defineAct } from '../acts/act.ts'
import type { RootTables } from '../db/tables.ts'
import type { RootDeps } from '../deps.ts'
import {
  AdvisoryPayload,
  PUBLISH_ADVISORY,
  REVISE_ADVISORY,
  WITHDRAW_ADVISORY,
  advisoryIdOf,
  canonicalSubjects,
  concernedProviders,
  demandPublished,
} from './advisory.ts'
import { findProviders } from './find-providers.ts'
import { issueAdvisory, type AdvisoryIssued } from './issue-advisory.ts'
import { knownPrefixes } from './known-prefixes.ts'
import { readProvenAdvisory } from './read-advisory.ts'

const AFFECTED_TEXT_LENGTH_MAX = 256

/** What the desk says of an advisory; a version is written whole, never in parts. */
const Content = z.strictObject({
  kind: ADVISORY_CONTENT.kind,
  severity: ADVISORY_CONTENT.severity,
  title: LanguageTitle.strict(),
  summary: ADVISORY_CONTENT.summary.strict(),
  affected: z.array(z.string().min(1).max(AFFECTED_TEXT_LENGTH_MAX)).min(1).max(ADVISORY_AFFECTED_MAX),
  scenarios: z.array(ScenarioName).min(1).optional(),
  references: z
    .array(z.strictObject({ uri: WebUri, digest: Sha256Digest }))
    .max(16)
    .default([]),
  acknowledge_by: z.iso.datetime().optional(),
})
type Content = z.infer<typeof Content>

const Revision = Content.extend({ advisory: z.uuid() })
const Withdrawal = z.strictObject({ advisory: z.uuid() })

type Said = Omit<AdvisoryPayload, 'advisory' | 'version' | 'prev' | 'state'>

/** Judges what an advisory says, and spells it as it is signed. */
async function judgeContent(deps: RootDeps, tx: Transaction<RootTables>, content: Content): Promise<Said> {
  const { kind, severity, title, summary, references, scenarios, acknowledge_by: by } = content
  const affected = canonicalSubjects(content.affected, await knownPrefixes(deps))
  const concerned = concernedProviders(affected, deps.prefix)
  const known = new Set((await findProviders(deps, concerned, tx)).map(({ code }) => code))
  const stray = affected.find((text) => {
    const subject = readSubject(text, { prefixes: [deps.prefix] })
    return subject.kind !== 'malformed' && !known.has(Number(subject.provider))
  })
  if (stray !== undefined)
    throw new RegistryError('code-not-found', `${stray} is below no provider that was ever assigned`)
  const acknowledgeBy = by === undefined ? undefined : numericDate(new Date(by))
  if (acknowledgeBy !== undefined && acknowledgeBy <= numericDate(deps.node.ambient.now()))
    throw new RegistryError('request-invalid', 'acknowledge_by is past')
  return {
    kind,
    severity,
    title,
    summary,
    affected,
    ...(scenarios === undefined ? {} : { scenarios: [...new Set(scenarios)] }),
    references,
    ...(acknowledgeBy === undefined ? {} : { acknowledge_by: acknowledgeBy }),
  }
}

/** The version before must be the newest there is, also when the act is carried out. */
async function demandFollows(deps: RootDeps, payload: AdvisoryPayload): Promise<void> {
  const entry = (await deps.lists.advisories.standing()).entries.find(({ id }) => id === payload.advisory)
  const { version, hash } = demandPublished(entry, payload.advisory)
  if (version !== payload.version - 1 || hash !== payload.prev)
    throw new RegistryError('advisory-changed', `The advisory has come to version ${version}`)
}

/** The newest version of an advisory that can still be followed by another. */
async function demandCurrent(deps: RootDeps, tx: Transaction<RootTables>, uuid: string) {
  const id = advisoryIdOf(uuid)
  demandPublished(
    (await deps.lists.advisories.standing()).entries.find((entry) => entry.id === id),
    id,
  )
  return await readProvenAdvisory(deps, { uuid }, tx)
}

/** A warning or an order to recall becomes known (policy items 9, 11). */
export const publishAdvisory = defineAct<Content, AdvisoryPayload, AdvisoryIssued>({
  kind: PUBLISH_ADVISORY,
  summary: 'Publish an advisory: a warning, or an order to recall',
  proposers: ['officer'],
  ask: Content,
  payload: AdvisoryPayload,
  async prepare(deps, tx, content) {
    const advisory = advisoryIdOf(deps.node.ambient.newId())
    const payload = {
      advisory,
      version: 1,
      ...(await judgeContent(deps, tx, content)),
      state: 'published' as const,
    }
    return { payload, objects: [`advisory:${advisory}`] }
  },
  async carryOut(deps, tx, approved) {
    return await issueAdvisory(deps, tx, approved)
  },
})

/** An advisory says something else from now on; the providers concerned acknowledge the new version. */
export const reviseAdvisory = defineAct<z.infer<typeof Revision>, AdvisoryPayload, AdvisoryIssued>({
  kind: REVISE_ADVISORY,
  summary: 'Put a new version in the place of an advisory',
  proposers: ['officer'],
  ask: Revision,
  payload: AdvisoryPayload,
  async prepare(deps, tx, { advisory: uuid, ...content }) {
    const { claims, hash } = await demandCurrent(deps, tx, uuid)
    const said = await judgeContent(deps, tx, content)
    return {
      payload: {
        advisory: claims.sub,
        version: claims.version + 1,
        prev: hash,
        ...said,
        state: 'published' as const,
      },
      objects: [`advisory:${claims.sub}`],
    }
  },
  async carryOut(deps, tx, approved) {
    await demandFollows(deps, approved.payload)
    return await issueAdvisory(deps, tx, approved)
  },
})

/** An advisory holds no longer. It stays on the list, and it is never published again. */
export const withdrawAdvisory = defineAct<z.infer<typeof Withdrawal>, AdvisoryPayload, AdvisoryIssued>({
  kind: WITHDRAW_ADVISORY,
  summary: 'Withdraw an advisory',
  proposers: ['officer'],
  ask: Withdrawal,
  payload: AdvisoryPayload,
  async prepare(deps, tx, { advisory: uuid }) {
    const { claims, hash } = await demandCurrent(deps, tx, uuid)
    const { iss: _iss, iat: _iat, decision: _decision, prev: _prev, sub, version, ...said } = claims
    return {
      payload: { ...said, advisory: sub, version: version + 1, prev: hash, state: 'withdrawn' as const },
      objects: [`advisory:${sub}`],
    }
  },
  async carryOut(deps, tx, approved) {
    await demandFollows(deps, approved.payload)
    return await issueAdvisory(deps, tx, approved)
  },
})
