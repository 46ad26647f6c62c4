import { ConfigError, type IssuingNodeEnvironment } from '@arc3088/service'
import type { z } from 'zod'

import type { KeyDriver } from './key-driver.ts'
import { readSecretFile } from './key-passphrase.ts'

/** Which token of a PKCS#11 module holds keys of this node; the PIN stays in its file until it is needed. */
export interface TokenSettings {
  readonly modulePath: string
  readonly tokenLabel: string
  readonly pinFile: string
}

/** A driver of keys in a token. */
export interface TokenDriver extends KeyDriver {
  /** Ends the session with the token. */
  close(): void
}

/** What `packages/pkcs11-signer` exports; it is optional, so a node imports it only where a token is configured. */
export interface TokenDriverPackage {
  openPkcs11Driver(token: { modulePath: string; tokenLabel: string; pin: string }): Promise<TokenDriver>
}

/** Imports the package, or fails as an import fails. */
export type LoadTokenDrivers = () => Promise<TokenDriverPackage>

type TokenVariables = Pick<
  z.output<typeof IssuingNodeEnvironment>,
  'PKCS11_MODULE' | 'PKCS11_TOKEN_LABEL' | 'PKCS11_PIN_FILE'
>

/** Reads the three variables of a token: all of them, or none. Throws ConfigError naming those that are missing. */
export function readTokenSettings(environment: TokenVariables): TokenSettings | undefined {
  const { PKCS11_MODULE: modulePath, PKCS11_TOKEN_LABEL: tokenLabel, PKCS11_PIN_FILE: pinFile } = environment
  if (modulePath !== undefined && tokenLabel !== undefined && pinFile !== undefined)
    return { modulePath, tokenLabel, pinFile }
  const values = { PKCS11_MODULE: modulePath, PKCS11_TOKEN_LABEL: tokenLabel, PKCS11_PIN_FILE: pinFile }
  const missing = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [name] : []))
  if (missing.length === Object.keys(values).length) return undefined
  throw new ConfigError(missing.map((name) => `${name}: is missing; a token needs all of PKCS11_*`))
}

/**
 * Opens the token that the settings name. Throws ConfigError where the package is not installed, or the token cannot be
 * used: no library, no such token, another PIN.
 */
export async function openTokenDriver(
  { modulePath, tokenLabel, pinFile }: TokenSettings,
  load: LoadTokenDrivers,
): Promise<TokenDriver> {
  const pin = readSecretFile('PKCS11_PIN_FILE', pinFile)
  const { openPkcs11Driver } = await usable('the package that opens tokens is not installed', load)
  return await usable(`token ${tokenLabel}`, () => openPkcs11Driver({ modulePath, tokenLabel, pin }))
}

async function usable<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError([`PKCS11_MODULE: ${what} (${why})`])
  }
}
