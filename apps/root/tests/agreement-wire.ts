import {
  MEDIA_TYPE,
  signAgreementEvent,
  signRegistryRequest,
  TYP,
  type AgreementEvent,
  type AgreementParty,
  type GeneralJws,
  type RecognitionAgreement,
  type RegistryRequest,
  type Signer,
} from '@arc3088/records'
import { v7 } from 'uuid'

import { termsWith, untilShown } from './agreement-roots.ts'
import type { TestRoot } from './start-test-root.ts'

/** What may differ from a good request of another root. */
export interface SendOptions {
  readonly method?: 'POST' | 'PUT'
  readonly signer?: Signer
  readonly claims?: Partial<RegistryRequest>
  readonly mediaType?: string
}

/** Sends a request to a root as another one would, signed with that one's federation key. */
export async function sendAs(
  sender: TestRoot,
  recipient: TestRoot,
  path: string,
  body: object,
  { method = 'POST', signer = sender.keys.signer('federation'), claims = {}, mediaType }: SendOptions = {},
): Promise<Response> {
  const iat = Math.floor(Date.now() / 1000)
  const request = await signRegistryRequest(signer, {
    iss: sender.url,
    sub: sender.url,
    aud: recipient.url,
    iat,
    exp: iat + 300,
    jti: v7(),
    method,
    path,
    body: body as never,
    ...claims,
  })
  return await fetch(`${recipient.url}${path}`, {
    method,
    headers: { 'content-type': mediaType ?? MEDIA_TYPE.registryRequest },
    body: request,
  })
}

/** The code of a problem, with its status. */
export async function problemOf(response: Response): Promise<[number, unknown]> {
  const { code } = (await response.json()) as { code?: unknown }
  return [response.status, code]
}

/** An entry of terms, as a root would write its own. */
export async function entryOf(root: TestRoot): Promise<AgreementParty> {
  const { prefix, territory } = root.root.deps
  return {
    entity_id: root.url,
    territory,
    code_prefixes: [prefix],
    jwks_thumbprints: [root.keys.signer('federation').kid],
    root_keys_thumbprints: [root.keys.signer('root').kid],
    tlog_vkeys: [],
    contact: 'desk@root.example',
  }
}

/** Terms between these roots, without any desk. */
export async function rawTerms(
  roots: readonly TestRoot[],
  change: Partial<RecognitionAgreement> = {},
): Promise<RecognitionAgreement> {
  const now = Math.floor(Date.now() / 1000)
  const terms = Object.fromEntries(
    Object.entries(termsWith([])).filter(([name]) => name !== 'contact' && name !== 'parties'),
  )
  return {
    jti: `urn:uuid:${v7()}`,
    version: 1,
    supersedes: null,
    iat: now,
    parties: await Promise.all(roots.map(entryOf)),
    ...(terms as Omit<RecognitionAgreement, 'jti' | 'version' | 'supersedes' | 'iat' | 'parties'>),
    ...change,
  }
}

/** The terms with signatures by these keys, whether they may sign or not. */
export async function signedBy(terms: RecognitionAgreement, signers: readonly Signer[]): Promise<GeneralJws> {
  const payload = Buffer.from(JSON.stringify(terms)).toString('base64url')
  const signatures = await Promise.all(
    signers.map(async (signer) => {
      const header = { alg: signer.alg, kid: signer.kid, typ: TYP.agreement }
      const encoded = Buffer.from(JSON.stringify(header)).toString('base64url')
      const signature = await signer.sign(new TextEncoder().encode(`${encoded}.${payload}`))
      return { protected: encoded, signature: Buffer.from(signature).toString('base64url') }
    }),
  )
  return { payload, signatures }
}

/** An event of a root that its desk knows nothing of. */
export async function eventOf(
  root: TestRoot,
  { jti, hash }: { jti: string; hash: string },
  change: Partial<AgreementEvent>,
): Promise<string> {
  const at = Math.floor(Date.now() / 1000)
  return await signAgreementEvent(root.keys.signer('federation'), {
    iss: root.url,
    iat: at,
    jti: v7(),
    agreement: jti,
    agreement_hash: hash,
    towards: 'all',
    seq: 2,
    prev: null,
    event: 'suspend',
    reason: 'said to one',
    effective: at,
    ...change,
  })
}

/** The hash of the newest event of a root, as another shows it. */
export async function lastOf(
  root: TestRoot,
  at: TestRoot,
  jti: string,
  parties: number,
): Promise<string | null> {
  const { events } = await untilShown(at, jti, (agreement) => agreement.events.length >= parties)
  return events.findLast(({ iss }) => iss === root.url)?.hash ?? null
}
