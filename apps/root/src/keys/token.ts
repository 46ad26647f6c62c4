import { openTokenDriver, type LoadTokenDrivers, type TokenDriver, type TokenSettings } from '@arc3088/issuer'

/** Optional: imported only where a token is configured. */
export const loadTokenDrivers: LoadTokenDrivers = () => import('@arc3088/pkcs11-signer')

/** The driver of the token that is configured, if one is. Throws ConfigError where it cannot be used. */
export async function openToken(settings: TokenSettings | undefined): Promise<TokenDriver | undefined> {
  return settings === undefined ? undefined : await openTokenDriver(settings, loadTokenDrivers)
}
