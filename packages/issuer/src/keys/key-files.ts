import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import {
  isSealedKey,
  openSealedKey,
  sealKey,
  type KeyPurpose,
  type KeyRing,
  type NodeKeyPurpose,
  type PublicJwk,
  type Signer,
} from '@arc3088/records'
import { ConfigError } from '@arc3088/service'

import { readFileSigner } from './file-signer.ts'
import { writeFileDurably } from './write-file-durably.ts'

/** Where key files are, and what opens the sealed ones. */
export interface KeyFolder {
  readonly directory: string
  /** What `KEY_PASSPHRASE_FILE` holds; without one, only plain files can be read. */
  readonly passphrase?: string | undefined
}

/** The file of a purpose within `KEYS_DIR`: of its first key, or of the further key with this `kid`. */
export function keyFileName(purpose: KeyPurpose, kid?: string): string {
  return kid === undefined ? `${purpose}.jwk.json` : `${purpose}.${kid}.jwk.json`
}

const FURTHER_NAME = /^(?<purpose>[a-z]+)\.(?<kid>[A-Za-z0-9_-]{43})\.jwk\.json$/

/** The files of a purpose that are there: the first key's before those of further keys. */
export function findKeyFiles({ directory }: KeyFolder, purpose: NodeKeyPurpose): string[] {
  const names = listFolder(directory)
  const first = names.filter((name) => name === keyFileName(purpose))
  return [
    ...first,
    ...names.filter((name) => FURTHER_NAME.exec(name)?.groups?.['purpose'] === purpose).toSorted(),
  ]
}

function listFolder(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (cause) {
    throw new ConfigError([`KEYS_DIR: ${directory} cannot be read (${messageOf(cause)})`])
  }
}

/**
 * Loads one key a purpose from `KEYS_DIR`. Throws ConfigError naming the file that is missing or unusable, or
 * two purposes that share a key: a status server that leaks must not be able to assign codes.
 */
export async function loadKeyFiles(
  directory: string,
  purposes: readonly KeyPurpose[],
  passphrase?: string,
): Promise<KeyRing> {
  const signers = new Map<KeyPurpose, Signer>()
  const purposeOf = new Map<string, KeyPurpose>()
  for (const purpose of purposes) {
    const signer = await loadKeyFile({ directory, passphrase }, keyFileName(purpose))
    const other = purposeOf.get(signer.kid)
    if (other !== undefined) throw new ConfigError([`KEYS_DIR: ${other} and ${purpose} are one key`])
    // Signed notes and cosignatures know no other algorithm that we use (wire-format Keys, W8).
    if (purpose === 'tlog' && signer.alg !== 'Ed25519')
      throw new ConfigError([
        `KEYS_DIR: ${keyFileName(purpose)} is of ${signer.alg}, and a log's key is of Ed25519`,
      ])
    purposeOf.set(signer.kid, purpose)
    signers.set(purpose, signer)
  }
  return ringOf(signers)
}

function ringOf(signers: ReadonlyMap<KeyPurpose, Signer>): KeyRing {
  const active = (purpose: KeyPurpose): Signer => {
    const signer = signers.get(purpose)
    if (signer === undefined) throw new Error(`This node loaded no ${purpose} key`)
    return signer
  }
  return { active, published: (purpose): readonly PublicJwk[] => [active(purpose).publicJwk] }
}

/** Loads one key file, sealed or plain. Throws ConfigError naming the file and what is wrong with it. */
export async function loadKeyFile(folder: KeyFolder, name: string): Promise<Signer> {
  const path = join(folder.directory, name)
  try {
    const signer = await readFileSigner(await openKeyText(readFileSync(path, 'utf8'), folder.passphrase))
    const named = FURTHER_NAME.exec(name)?.groups?.['kid']
    if (named !== undefined && named !== signer.kid) throw new Error('its name is of another key')
    return signer
  } catch (cause) {
    throw new ConfigError([`KEYS_DIR: ${path} is not a usable key file (${messageOf(cause)})`])
  }
}

async function openKeyText(text: string, passphrase: string | undefined): Promise<unknown> {
  const content: unknown = JSON.parse(text)
  if (!isSealedKey(content)) return content
  if (passphrase === undefined) throw new Error('it is sealed, and KEY_PASSPHRASE_FILE is not set')
  const opened = await openSealedKey(content, passphrase)
  if (opened.kind === 'opened') return opened.jwk
  throw new Error(
    opened.why === 'not-sealed-so'
      ? 'it is not sealed in a way that this node opens'
      : 'the passphrase of KEY_PASSPHRASE_FILE does not open it, or it is damaged',
  )
}

/** Keeps a new private key under its name, sealed where there is a passphrase. */
export async function writeKeyFile(
  folder: KeyFolder,
  name: string,
  jwk: object,
  randomBytes: (length: number) => Uint8Array,
): Promise<void> {
  const { directory, passphrase } = folder
  const text =
    passphrase === undefined ? JSON.stringify(jwk) : await sealKey(jwk, passphrase, randomBytes(16))
  writeFileDurably(join(directory, name), text)
}

/**
 * Seals the plain key files of these purposes, each in one step; what is sealed already is opened, to see that the
 * passphrase is its own. Answers the names that were sealed. Throws ConfigError without having changed a file when
 * any of them cannot be used.
 */
export async function sealKeyFiles(
  folder: KeyFolder & { readonly passphrase: string },
  purposes: readonly NodeKeyPurpose[],
  randomBytes: (length: number) => Uint8Array,
): Promise<string[]> {
  const names = purposes.flatMap((purpose) => findKeyFiles(folder, purpose))
  for (const name of names) await loadKeyFile(folder, name)
  const sealed: string[] = []
  for (const name of names) {
    const content: unknown = JSON.parse(readFileSync(join(folder.directory, name), 'utf8'))
    if (typeof content !== 'object' || content === null || isSealedKey(content)) continue
    await writeKeyFile(folder, name, content, randomBytes)
    sealed.push(name)
  }
  return sealed
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
