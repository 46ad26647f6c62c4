import type { NodeKeyPurpose, PublicJwk, SignatureAlg, Signer } from '@arc3088/records'

/** A private key where its driver keeps it. */
export interface HeldKey {
  /** Names the key for its driver: `<driver>:<what only the driver understands>`. */
  readonly ref: string
  readonly publicJwk: PublicJwk
}

/** Where private keys live. They are made there, and sign there; nothing else of them is known to a node. */
export interface KeyDriver {
  /** The part of a reference before its colon. */
  readonly scheme: string
  /** Throws ConfigError naming the key that is missing or unusable. */
  load(ref: string): Promise<Signer>
  /** Makes a key; it survives a loss of power once this resolves. */
  generate(purpose: NodeKeyPurpose, alg: SignatureAlg): Promise<HeldKey>
  /** The keys of a purpose that are held, in a fixed order: what was made and never came to be announced is found again. */
  find(purpose: NodeKeyPurpose): Promise<readonly HeldKey[]>
}

/** The drivers of a node by scheme. */
export type KeyDrivers = ReadonlyMap<string, KeyDriver>

/** ES256 for all but the log: signed notes and cosignatures are Ed25519 (wire-format Keys, W8). */
export function algOf(purpose: NodeKeyPurpose): SignatureAlg {
  return purpose === 'tlog' ? 'Ed25519' : 'ES256'
}

/** Loads a key by its reference. Throws an Error where no driver of this node has its scheme. */
export async function loadKey(drivers: KeyDrivers, ref: string): Promise<Signer> {
  const scheme = ref.slice(0, ref.indexOf(':'))
  const driver = drivers.get(scheme)
  if (driver === undefined)
    throw new Error(`Key ${ref} needs the driver "${scheme}", which this node does not have`)
  return await driver.load(ref)
}
