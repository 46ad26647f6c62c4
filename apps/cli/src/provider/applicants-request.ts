import { EntityId, signRegistryRequest, type RegistryRequest, type Signer } from '@arc3088/records'

import { required } from '../command.ts'
import { UsageError } from '../failure.ts'
import { readSigner } from '../keys/key-files.ts'
import type { Terminal } from '../terminal.ts'
import { newRequestId, readRequestId } from './request-id.ts'

/** Who asks which root, and with which key: options of every command of an applicant. */
export const APPLICANT_OPTIONS = {
  keys: { type: 'string' },
  'passphrase-file': { type: 'string' },
  'entity-id': { type: 'string' },
  root: { type: 'string' },
} as const

/** The values of {@link APPLICANT_OPTIONS}. */
export interface ApplicantValues {
  readonly keys?: string | undefined
  readonly 'passphrase-file'?: string | undefined
  readonly 'entity-id'?: string | undefined
  readonly root?: string | undefined
}

/** An applicant that can sign. */
export interface Applicant {
  readonly root: string
  readonly entityId: string
  readonly signer: Signer
}

const LIFETIME_SECONDS = 300

/** Reads who the applicant is, and its federation key, sealed or plain. @throws UsageError, CannotTell, Refusal */
export async function readApplicant(values: ApplicantValues): Promise<Applicant> {
  const root = originOf(required(values.root, 'root'), 'root')
  const entityId = originOf(required(values['entity-id'], 'entity-id'), 'entity-id')
  const signer = await readSigner(required(values.keys, 'keys'), 'federation', values['passphrase-file'])
  return { root, entityId, signer }
}

/** Signs a request of the applicant to its root (wire-format W11). The same id is the same request, with new times. */
export async function signForRoot(
  { root, entityId, signer }: Applicant,
  terminal: Terminal,
  request: { path: string; body: RegistryRequest['body']; requestId?: string | undefined },
): Promise<string> {
  const iat = Math.floor(terminal.now().getTime() / 1000)
  return await signRegistryRequest(signer, {
    iss: entityId,
    sub: entityId,
    aud: root,
    iat,
    exp: iat + LIFETIME_SECONDS,
    jti: readRequestId(request.requestId) ?? newRequestId(terminal.now()),
    method: 'POST',
    path: request.path,
    ...(request.body === undefined ? {} : { body: request.body }),
  })
}

/** What the typed client is told of a signed request: a JWS, of which nothing is JSON and the contract describes nothing. */
export function asSent(signed: string) {
  return { body: signed as never, bodySerializer: () => signed }
}

function originOf(text: string, option: string): string {
  if (EntityId.safeParse(text).success) return text
  throw new UsageError(`--${option}: an origin, as https://root.example`)
}
