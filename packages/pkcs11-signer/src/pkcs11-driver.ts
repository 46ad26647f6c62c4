import { createHash } from 'node:crypto'

import {
  decodeBase64url,
  encodeBase64url,
  publicJwkOf,
  type KeyPurpose,
  type PublicJwk,
  type SignatureAlg,
  type Signer,
} from '@arc3088/records'

import { CURVES, readEcPoint } from './ec-point.ts'
import { Pkcs11Fault } from './pkcs11-fault.ts'
import { openTokenSession, type Pkcs11Token, type TokenSession } from './token-session.ts'

/** The part of a reference before its colon; the rest is the kid. */
const SCHEME = 'pkcs11'

/** PKCS#11 3.0 §6.3: values that the binding, which is of 2.40, does not name. */
const CKK_EC_EDWARDS = 0x40
const CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055
const CKM_EDDSA = 0x1057

const SIGNATURE_BYTES = 64
const ALGS = ['ES256', 'Ed25519'] as const satisfies readonly SignatureAlg[]
const KEYS_FOUND_MAX = 64

/** Keys in a token, as a node's key ring takes them. They are made there and never leave it. */
export interface Pkcs11KeyDriver {
  readonly scheme: string
  load(ref: string): Promise<Signer>
  generate(purpose: KeyPurpose, alg: SignatureAlg): Promise<{ ref: string; publicJwk: PublicJwk }>
  find(purpose: KeyPurpose): Promise<readonly { ref: string; publicJwk: PublicJwk }[]>
  close(): void
}

/** Opens a token. Throws Pkcs11Fault saying what is missing, among it the native module, which is optional. */
export async function openPkcs11Driver(token: Pkcs11Token): Promise<Pkcs11KeyDriver> {
  const session = await openTokenSession(token)
  return {
    scheme: SCHEME,
    async load(ref) {
      const kid = ref.slice(SCHEME.length + 1)
      const id = decodeBase64url(kid)
      if (!ref.startsWith(`${SCHEME}:`) || id === undefined)
        throw new Pkcs11Fault('key-missing', `${ref} names no key of a token`)
      return await session.inTurn(() => loadSigner(session, kid, Buffer.from(id)))
    },
    generate: (purpose, alg) => session.inTurn(() => generate(session, purpose, alg)),
    find: (purpose) => session.inTurn(() => findByPurpose(session, purpose)),
    close: () => session.close(),
  }
}

const labelOf = (purpose: KeyPurpose): string => `arc3088 ${purpose}`
const refOf = (publicJwk: PublicJwk): string => `${SCHEME}:${publicJwk.kid}`

async function generate(session: TokenSession, purpose: KeyPurpose, alg: SignatureAlg) {
  const { binding, library, handle } = session
  const isEcdsa = alg === 'ES256'
  const label = labelOf(purpose)
  const keyType = isEcdsa ? binding.CKK_EC : CKK_EC_EDWARDS
  const mechanism = isEcdsa ? binding.CKM_EC_KEY_PAIR_GEN : CKM_EC_EDWARDS_KEY_PAIR_GEN
  const pair = usable(`the token makes no key of ${alg}`, () =>
    library.C_GenerateKeyPair(
      handle,
      { mechanism },
      [
        { type: binding.CKA_CLASS, value: binding.CKO_PUBLIC_KEY },
        { type: binding.CKA_KEY_TYPE, value: keyType },
        { type: binding.CKA_TOKEN, value: true },
        { type: binding.CKA_VERIFY, value: true },
        { type: binding.CKA_LABEL, value: label },
        { type: binding.CKA_EC_PARAMS, value: Buffer.from(CURVES[alg].params) },
      ],
      [
        { type: binding.CKA_CLASS, value: binding.CKO_PRIVATE_KEY },
        { type: binding.CKA_KEY_TYPE, value: keyType },
        { type: binding.CKA_TOKEN, value: true },
        { type: binding.CKA_PRIVATE, value: true },
        { type: binding.CKA_SENSITIVE, value: true },
        { type: binding.CKA_EXTRACTABLE, value: false },
        { type: binding.CKA_SIGN, value: true },
        { type: binding.CKA_LABEL, value: label },
      ],
    ),
  )
  const publicJwk = await readPublicKey(session, pair.publicKey)
  if (publicJwk?.alg !== alg) throw new Pkcs11Fault('key-unusable', 'the token made another kind of key')
  // The id is the kid, which is only known now. A pair that never got this far has none, and is never found.
  const id = decodeBase64url(publicJwk.kid)
  if (id === undefined) throw new TypeError('a kid is canonical base64url')
  for (const key of [pair.privateKey, pair.publicKey])
    library.C_SetAttributeValue(handle, key, [{ type: binding.CKA_ID, value: Buffer.from(id) }])
  return { ref: refOf(publicJwk), publicJwk }
}

async function findByPurpose(session: TokenSession, purpose: KeyPurpose) {
  const { binding } = session
  const handles = findObjects(session, [
    { type: binding.CKA_CLASS, value: binding.CKO_PUBLIC_KEY },
    { type: binding.CKA_LABEL, value: labelOf(purpose) },
  ])
  const found: { ref: string; publicJwk: PublicJwk }[] = []
  for (const key of handles) {
    const publicJwk = await readPublicKey(session, key)
    if (publicJwk !== undefined && readId(session, key) === publicJwk.kid)
      found.push({ ref: refOf(publicJwk), publicJwk })
  }
  return found.toSorted((a, b) => (a.ref < b.ref ? -1 : 1))
}

async function loadSigner(session: TokenSession, kid: string, id: Buffer): Promise<Signer> {
  const { binding } = session
  const withId = (keyClass: number) =>
    findObjects(session, [
      { type: binding.CKA_CLASS, value: keyClass },
      { type: binding.CKA_ID, value: id },
    ])[0]
  const [publicKey, privateKey] = [withId(binding.CKO_PUBLIC_KEY), withId(binding.CKO_PRIVATE_KEY)]
  if (publicKey === undefined || privateKey === undefined)
    throw new Pkcs11Fault('key-missing', `the token has no key ${kid}`)
  const publicJwk = await readPublicKey(session, publicKey)
  if (publicJwk?.kid !== kid) throw new Pkcs11Fault('key-unusable', `the key under the id ${kid} is another`)
  return {
    kid,
    alg: publicJwk.alg,
    publicJwk,
    sign: (signingInput) => session.inTurn(() => sign(session, privateKey, publicJwk.alg, signingInput)),
  }
}

/** CKM_ECDSA signs a digest and answers `r ‖ s`, as JOSE wants it (RFC 7518 §3.4); CKM_EDDSA signs the message. */
async function sign(
  { binding, library, handle }: TokenSession,
  privateKey: Buffer,
  alg: SignatureAlg,
  signingInput: Uint8Array,
): Promise<Uint8Array> {
  const isEcdsa = alg === 'ES256'
  const input = isEcdsa ? createHash('sha256').update(signingInput).digest() : Buffer.from(signingInput)
  const mechanism = isEcdsa ? binding.CKM_ECDSA : CKM_EDDSA
  library.C_SignInit(handle, { mechanism }, privateKey)
  const signature = await library.C_SignAsync(handle, input, Buffer.alloc(SIGNATURE_BYTES))
  if (signature.length !== SIGNATURE_BYTES)
    throw new Pkcs11Fault('key-unusable', `the token signed with ${signature.length} bytes`)
  return new Uint8Array(signature)
}

function findObjects(
  { library, handle }: TokenSession,
  template: Parameters<TokenSession['library']['C_FindObjectsInit']>[1],
): Buffer[] {
  library.C_FindObjectsInit(handle, template)
  try {
    return library.C_FindObjects(handle, KEYS_FOUND_MAX)
  } finally {
    library.C_FindObjectsFinal(handle)
  }
}

async function readPublicKey(session: TokenSession, key: Buffer): Promise<PublicJwk | undefined> {
  const { binding, library, handle } = session
  const [params, point] = library.C_GetAttributeValue(handle, key, [
    { type: binding.CKA_EC_PARAMS },
    { type: binding.CKA_EC_POINT },
  ])
  const alg = ALGS.find((each) => Buffer.from(CURVES[each].params).equals(bytesOf(params?.value)))
  const read = alg === undefined ? undefined : readEcPoint(alg, bytesOf(point?.value))
  if (alg === undefined || read === undefined) return undefined
  const { kty, crv, x, y } = read
  const members = { kty, crv, x: encodeBase64url(new Uint8Array(x)), d: '' }
  return await publicJwkOf(
    alg,
    y === undefined ? members : { ...members, y: encodeBase64url(new Uint8Array(y)) },
  )
}

function readId({ binding, library, handle }: TokenSession, key: Buffer): string {
  const [id] = library.C_GetAttributeValue(handle, key, [{ type: binding.CKA_ID }])
  return encodeBase64url(new Uint8Array(bytesOf(id?.value)))
}

function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0)
}

function usable<Result>(detail: string, operation: () => Result): Result {
  try {
    return operation()
  } catch (cause) {
    throw new Pkcs11Fault('key-unusable', detail, { cause })
  }
}
