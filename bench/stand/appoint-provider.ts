import { MEDIA_TYPE, signRegistryRequest, type Signer } from '@arc3088/records'
import { v7 } from 'uuid'

import { readObject, textOf, type Caller } from './caller.ts'
import { shownOf, type SignAs } from './officers.ts'

const REQUEST_SECONDS = 300

/** Has a provider apply at the root, and two officers give it code 1: as the public APIs have it. */
export async function appointProvider(parts: {
  readonly root: {
    readonly url: string
    readonly officers: readonly [Caller, Caller]
    readonly sign: SignAs
  }
  readonly provider: { readonly url: string; readonly federation: Signer }
}): Promise<void> {
  const [first, second] = parts.root.officers
  const application = `/v1/desk/applications/${await apply(parts.root.url, parts.provider)}`
  await first.post(`${application}/take`, {})
  const proposed = await first.post(`${application}/propose-approval`, { code: '1', reason: 'complete' })
  const proposal = shownOf(proposed)
  const [path, hash] = [`/v1/desk/proposals/${proposal.id}`, textOf(proposed, 'hash')]
  await first.post(`${path}/sign`, { hash, signature: await parts.root.sign(0, proposal) })
  const signature = await parts.root.sign(1, proposal)
  await second.post(`${path}/approve`, { hash, reason: 'agreed', signature })
}

async function apply(
  rootUrl: string,
  { url, federation }: { readonly url: string; readonly federation: Signer },
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000)
  const path = '/v1/provider-applications'
  const request = await signRegistryRequest(federation, {
    iss: url,
    sub: url,
    aud: rootUrl,
    iat,
    exp: iat + REQUEST_SECONDS,
    jti: v7(),
    method: 'POST',
    path,
    body: {
      organization: { name: '公司A', name_en: 'Company A', country: 'CN' },
      contact: 'desk@a.example',
      jwks: { keys: [JSON.parse(JSON.stringify(federation.publicJwk))] },
    },
  })
  const response = await fetch(`${rootUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': MEDIA_TYPE.registryRequest },
    body: request,
  })
  return textOf(await readObject(response), 'id')
}
