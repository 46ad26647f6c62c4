import { readAdvisory, recordHash, signKeyEndorsement } from '@arc3088/records'
import { readContract, rawRequestSigner, type FuzzTarget } from '@arc3088/testkit'
import { v7 } from 'uuid'

import { openApiDocument } from '../src/http/openapi-document.ts'
import { ROOT_PERMISSIONS } from '../src/permissions.ts'
import { agree, pinOf, startPair, termsWith } from './agreement-roots.ts'
import { rawTerms, signedBy } from './agreement-wire.ts'
import { apply, DOSSIER, giveBack, INSTITUTE_X, MISSING, take } from './applicant-acts.ts'
import { readSigned, uuidOf, WARNING } from './authority-lists.ts'
import { createProvider, jwksOf } from './provider-acts.ts'
import type { TestRoot } from './start-test-root.ts'
import { createApplicant, newSigner, proposeFor } from './test-applicant.ts'

/** A root at work, with what is known of it. */
export interface FuzzedRoot extends FuzzTarget, AsyncDisposable {
  readonly home: TestRoot
}

const PROVIDER = '1.2.156.3088.1.F1'

/** Brings up a root with one of everything that has an identifier, so that requests get past the first check. */
export async function startFuzzedRoot(): Promise<FuzzedRoot> {
  const resources = new AsyncDisposableStack()
  const pair = resources.use(await startPair())
  const { home, overseas } = pair
  const agreement = await agree([home, overseas])
  const provider = resources.use(await createProvider(home, 'F1'))
  resources.use(await createProvider(home, 'F2'))
  const applications = resources.use(await applicationsInEveryState(home))
  const { advisory, acknowledgement } = await publishAdvisory(home)
  const pending = [
    await home.propose('provider:suspend', { provider: 'F2' }),
    await home.propose('advisory:publish', { ...WARNING, affected: [PROVIDER] }, 'cy'),
  ]
  const status = (await (await home.get('/status')).json()) as { status_lists: string[] }
  const statusLists = status.status_lists.map((uri) => uri.slice(uri.lastIndexOf('/') + 1))
  const bodies = await goodBodies(home, overseas, {
    applications,
    agreement,
    advisory,
    acknowledgement,
    provider: provider.applicant,
  })
  const senders = {
    provider: { entityId: provider.applicant.entityId, signer: provider.applicant.federation },
    applicant: { entityId: applications.applicant.entityId, signer: applications.applicant.federation },
    root: { entityId: overseas.url, signer: overseas.keys.signer('federation') },
  }
  return {
    home,
    url: home.url,
    contract: readContract(openApiDocument()),
    callers: {
      officer: home.officer('bo').token,
      clerk: home.officer('clerk').token,
      auditor: home.officer('auditor').token,
      administrator: home.officer('administrator').token,
    },
    permissions: ROOT_PERMISSIONS,
    values: {
      id: [...applications.ids, ...pending.map(({ id }) => id), advisory],
      code: [PROVIDER, '1.2.156.3088.1.ZZZ', '1.2.156.3088.1.F1.2.1.0'],
      ...ofProviders('F1', 'F1', 'F1', 'F2', 'ZZZ'),
      jti: [agreement.id, agreement.jti],
      entity: [overseas.url, home.url],
      hash: pending.map(({ hash }) => hash),
      list: statusLists,
      level: ['0', 'entries'],
      index: ['000', '000.p/1', '0'],
      segment: ['0', '1'],
      sub: [provider.applicant.entityId, overseas.url],
      trust_anchor: [home.url],
      limit: ['1', '1000'],
      after: ['0', '1'],
      page: ['1'],
      trust_marked: ['false'],
      entity_type: ['agent_code_provider', 'agent_code_root'],
      // The longest wait is thirty seconds.
      wait: ['0', '0', '31', '-1', '1.5'],
      at: ['2026-11-22T09:00:00Z', String(Math.floor(Date.now() / 1000))],
      'POST /v1/advisories/{id}/acknowledgements id': [advisory],
      'idempotency-key': pending.map(({ id }) => id),
    },
    bodies,
    signed: new Set(SIGNED),
    sign: rawRequestSigner(home.url, (target) => {
      if (target.startsWith('/v1/provider-applications')) return senders.applicant
      return target.startsWith('/v1/agreements') ? senders.root : senders.provider
    }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** Operations that other nodes call, in requests that they sign. */
const SIGNED = [
  'POST /v1/providers/{code}/log',
  'POST /v1/providers/{code}/keys',
  'POST /v1/provider-applications',
  'POST /v1/provider-applications/{id}/status',
  'POST /v1/provider-applications/{id}/complete',
  'POST /v1/provider-applications/{id}/withdraw',
  'POST /v1/advisories/{id}/acknowledgements',
  'POST /v1/agreements',
  'POST /v1/agreements/{jti}/events',
  'PUT /v1/agreements/{jti}/signatures/{entity}',
]

/** Where `code` is a provider's short code. */
function ofProviders(...codes: readonly string[]): Record<string, readonly string[]> {
  const operations = ['GET /v1/providers/{code}', 'GET /v1/providers/{code}/history', ...SIGNED.slice(0, 2)]
  return Object.fromEntries(operations.map((name) => [`${name} code`, codes]))
}

async function applicationsInEveryState(home: TestRoot) {
  const resources = new AsyncDisposableStack()
  const made = async () => resources.use(await createApplicant(home, INSTITUTE_X))
  const applicant = await made()
  const applied = await apply(applicant)
  const taken = await apply(await made(), { body: DOSSIER })
  await take(home, taken)
  const returned = await apply(await made())
  await take(home, returned)
  await giveBack(home, returned)
  const { applicationId } = await proposeFor(home, await made(), null)
  return {
    applicant,
    ids: [applied, taken, returned, applicationId],
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function publishAdvisory(home: TestRoot) {
  const outcome = await home.act('advisory:publish', { ...WARNING, affected: [PROVIDER] })
  const advisory = uuidOf(outcome['advisory'])
  const jws = await readSigned(home, `/v1/advisories/${advisory}`)
  const read = readAdvisory(jws)
  if (read.kind === 'rejected') throw new Error(read.detail)
  return { advisory, acknowledgement: { version: read.claims.version, hash: await recordHash(jws) } }
}

/** Good bodies, from which bad ones are made. */
async function goodBodies(
  home: TestRoot,
  overseas: TestRoot,
  known: {
    applications: Awaited<ReturnType<typeof applicationsInEveryState>>
    agreement: { readonly jti: string; readonly id: string; readonly hash: string }
    advisory: string
    acknowledgement: object
    provider: Awaited<ReturnType<typeof createApplicant>>
  },
): Promise<FuzzTarget['bodies']> {
  const { applicant, ids } = known.applications
  const application = {
    organization: INSTITUTE_X,
    ...DOSSIER,
    jwks: jwksOf(applicant.federation),
  }
  const terms = await rawTerms([overseas, home])
  const signature = { protected: 'eyJ4IjoxfQ', signature: 'A'.repeat(86) }
  const answered = await overseas.get(`/v1/agreements/${known.agreement.id}/events`)
  const { events } = (await answered.json()) as { events: string[] }
  const fresh = await newSigner()
  const endorsement = await signKeyEndorsement(known.provider.federation, {
    iss: known.provider.entityId,
    sub: known.provider.entityId,
    iat: Math.floor(Date.now() / 1000),
    jti: v7(),
    event: 'announce',
    purpose: 'issuing',
    key: fresh.publicJwk,
  })
  return {
    'POST /v1/providers/{code}/log': [{ ...known.provider.log }],
    'POST /v1/providers/{code}/keys': [{ endorsement }],
    'POST /v1/provider-applications': [application],
    'POST /v1/provider-applications/{id}/complete': [{ ...application, revision: 1 }],
    'POST /v1/provider-applications/{id}/status': [{}],
    'POST /v1/provider-applications/{id}/withdraw': [{}],
    'POST /v1/advisories/{id}/acknowledgements': [known.acknowledgement],
    'POST /v1/agreements': [{ agreement: await signedBy(terms, [overseas.keys.signer('federation')]) }],
    'PUT /v1/agreements/{jti}/signatures/{entity}': [{ hash: known.agreement.hash, ...signature }],
    'POST /v1/agreements/{jti}/events': [{ event: 'e30.e30.e30' }, ...events.map((event) => ({ event }))],
    'POST /v1/desk/applications/{id}/return': [MISSING],
    'POST /v1/desk/applications/{id}/propose-approval': [{ code: null, reason: 'complete' }],
    'POST /v1/desk/proposals': asksOfEveryKind(home, overseas, known.agreement.jti, known.advisory, ids).map(
      ([kind, ask]) => ({ kind, ask, reason: 'as was asked' }),
    ),
    'POST /v1/desk/proposals/{id}/sign': [{ hash: `sha-256:${'A'.repeat(43)}`, signature }],
    'POST /v1/desk/proposals/{id}/approve': [
      { hash: `sha-256:${'A'.repeat(43)}`, reason: 'agreed', signature },
    ],
    'POST /add-checkpoint': [`old 0\n\n${overseas.url.slice('http://'.length)}/tlog\n1\nAAAA\n\n— x AAAA\n`],
  }
}

function asksOfEveryKind(
  home: TestRoot,
  overseas: TestRoot,
  jti: string,
  advisory: string,
  ids: readonly string[],
): readonly (readonly [kind: string, ask: object])[] {
  const jwks = jwksOf(home.officerKey('ann'))
  const entity = { entity_id: 'https://certifier.example' }
  return [
    ['provider:assign', { application_id: ids[1], code: '7QX' }],
    ['application:reject', { application_id: ids[1], reasons: [{ ground: 'identity', text: 'unclear' }] }],
    ['provider:suspend', { provider: 'F1' }],
    ['provider:resume', { provider: 'F1' }],
    ['provider:retire', { provider: 'F1', custodian: 'F2', entity_id: 'https://custody.example', jwks }],
    ['provider:retire', { provider: 'F1', custodian: null }],
    ['provider:recall', { provider: 'F1' }],
    ['provider:replace-keys', { provider: 'F1', jwks }],
    ['provider:move', { provider: 'F1', entity_id: 'https://moved.example', jwks }],
    ['advisory:publish', { ...WARNING, affected: [PROVIDER] }],
    ['advisory:revise', { advisory, ...WARNING, affected: [PROVIDER] }],
    ['advisory:withdraw', { advisory }],
    [
      'certifier:register',
      {
        ...entity,
        name: { zh: '认证中心', en: 'Certification centre' },
        jwks,
        scope: { scenarios: ['finance'], schemes: ['GB/T 1'] },
        valid_from: '2026-01-01T00:00:00Z',
        valid_until: '2036-01-01T00:00:00Z',
      },
    ],
    ['certifier:suspend', entity],
    ['scenarios:set', { tiers: { finance: 'strict' } }],
    ['foreign-root:pin', pinOf(overseas)],
    ['foreign-root:unpin', { entity_id: overseas.url }],
    ['agreement:propose', termsWith([overseas])],
    ['agreement:supersede', { ...termsWith([overseas]), jti }],
    ['agreement:countersign', { jti, hash: 'A'.repeat(43) }],
    ['agreement:suspend', { jti, reason: 'checking', effective: null, towards: 'all' }],
    ['agreement:terminate', { jti, reason: 'notice' }],
    ['agreement:key-update', { jti, reason: 'a new key' }],
    ['operator:add', { name: 'dee', role: 'clerk' }],
    ['operator:disable', { operator: home.officer('clerk').id }],
    ['officers:change', { threshold: 2, keys: jwks.keys }],
  ]
}
