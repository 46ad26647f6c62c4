import { MEDIA_TYPE } from '@arc3088/records'

import { publicRootAt } from '../node/access.ts'
import { answerOf } from '../node/answer-of.ts'
import type { Terminal } from '../terminal.ts'
import { asSent, signForRoot, type Applicant } from './applicants-request.ts'

/** Reads the whole of an application, as only its applicant may. */
export async function readOwnApplication(applicant: Applicant, id: string, terminal: Terminal) {
  const signed = await signForRoot(applicant, terminal, { path: pathOf(id, 'status'), body: {} })
  const asking = publicRootAt({ url: applicant.root }, terminal).POST(
    '/v1/provider-applications/{id}/status',
    {
      params: { path: { id } },
      headers: { 'content-type': MEDIA_TYPE.registryRequest },
      ...asSent(signed),
    },
  )
  return await answerOf(asking)
}

/** The path that a request about an application is signed for. */
export function pathOf(id: string, act: 'status' | 'complete' | 'withdraw'): string {
  return `/v1/provider-applications/${encodeURIComponent(id)}/${act}`
}
