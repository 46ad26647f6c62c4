import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import {
  createMemorySigner,
  generateSigningKey,
  isSealedKey,
  openSealedKey,
  sealKey,
  type KeyPurpose,
  type PrivateJwk,
  type PublicJwk,
  type SignatureAlg,
  type Signer,
} from '@arc3088/records'

import { CannotTell, Refusal } from '../failure.ts'

/** Read by their owner alone. */
const SECRET_MODE = 0o600
const SECRET_FOLDER_MODE = 0o700
const SALT_BYTES = 16

/** What a key file may be for: a purpose of a node, or a person's own decisions, which never come near a node. */
export type KeyFilePurpose = KeyPurpose | 'officer'

/** The file of a purpose within a folder of keys, as every node looks for it in `KEYS_DIR`. */
export function keyFile(folder: string, purpose: KeyFilePurpose): string {
  return join(folder, `${purpose}.jwk.json`)
}

/** Makes a key and writes it where none is, sealed where a passphrase is named. @throws Refusal where one is. */
export async function createKeyFile(
  folder: string,
  purpose: KeyFilePurpose,
  { alg, passphraseFile }: { alg: SignatureAlg; passphraseFile?: string | undefined },
): Promise<{ file: string; publicJwk: PublicJwk }> {
  const file = keyFile(folder, purpose)
  const { privateJwk, publicJwk } = await generateSigningKey(alg)
  const salt = new Uint8Array(randomBytes(SALT_BYTES))
  const text =
    passphraseFile === undefined
      ? JSON.stringify(privateJwk)
      : await sealKey(privateJwk, readPassphrase(passphraseFile), salt)
  mkdirSync(folder, { recursive: true, mode: SECRET_FOLDER_MODE })
  writeNewFile(file, `${text}\n`, SECRET_MODE)
  return { file, publicJwk }
}

/**
 * Reads the key of a purpose; one that is sealed, with the passphrase that stands in a file, as for a node.
 * @throws CannotTell when there is none, Refusal when it is no key or the passphrase does not open it.
 */
export async function readSigner(
  folder: string,
  purpose: KeyPurpose,
  passphraseFile?: string,
): Promise<Signer> {
  return await readSignerFile(keyFile(folder, purpose), passphraseFile)
}

/** Reads the key that a file holds; see {@link readSigner}. */
export async function readSignerFile(file: string, passphraseFile?: string): Promise<Signer> {
  const text = readText(file)
  const passphrase = passphraseFile === undefined ? undefined : readPassphrase(passphraseFile)
  try {
    const jwk = await openKey(JSON.parse(text), passphrase)
    if (!isPrivateJwk(jwk)) throw new TypeError('not a private JWK with alg ES256 or Ed25519')
    return await createMemorySigner({ alg: jwk.alg, privateJwk: jwk })
  } catch (error) {
    // What WebCrypto says of a bad key names no secret; the file's text is not repeated.
    const why =
      error instanceof SyntaxError ? 'not JSON' : error instanceof Error ? error.message : 'unusable'
    throw new Refusal('key-unusable', `${file}: ${why}`)
  }
}

function readPassphrase(file: string): string {
  const passphrase = readText(file).replace(/\r?\n$/, '')
  if (passphrase === '') throw new Refusal('passphrase-empty', `${file} is empty`)
  return passphrase
}

async function openKey(content: unknown, passphrase: string | undefined): Promise<unknown> {
  if (!isSealedKey(content)) return content
  if (passphrase === undefined) throw new TypeError('it is sealed, and no --passphrase-file is given')
  const opened = await openSealedKey(content, passphrase)
  if (opened.kind === 'opened') return opened.jwk
  throw new TypeError(
    opened.why === 'not-sealed-so'
      ? 'it is not sealed in a way that is opened here'
      : 'the passphrase does not open it, or it is damaged',
  )
}

/**
 * Writes a whole file where none is, or nothing: a name is given to it when it is complete, so that whoever is killed
 * leaves no half of a key. @throws Refusal when the file is there.
 */
export function writeNewFile(file: string, text: string, mode: number): void {
  const draft = join(dirname(file), `.draft-${process.pid}-${process.hrtime.bigint()}`)
  writeFileSync(draft, text, { mode, flag: 'wx' })
  try {
    linkSync(draft, file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new Refusal('file-exists', `${file} is there already; nothing was written`)
    }
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** The text of a file. @throws CannotTell */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CannotTell(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** True for a private key as key files hold it. */
export function isPrivateJwk(value: unknown): value is PrivateJwk & { readonly alg: SignatureAlg } {
  if (typeof value !== 'object' || value === null) return false
  const { alg, kty, crv, x, y, d } = { alg: '', kty: '', crv: '', x: '', y: '', d: '', ...value }
  if (typeof x !== 'string' || typeof d !== 'string' || typeof y !== 'string') return false
  return (
    (alg === 'ES256' && kty === 'EC' && crv === 'P-256') ||
    (alg === 'Ed25519' && kty === 'OKP' && crv === 'Ed25519')
  )
}
