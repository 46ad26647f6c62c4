import { ConfigError, readConfiguredFile } from '@arc3088/service'

/**
 * The passphrase that a file holds, without the newline that editors end a file with; undefined where no file is
 * named. Throws ConfigError for a file that cannot be read, or is empty.
 */
export function readKeyPassphrase(file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  const passphrase = readConfiguredFile('KEY_PASSPHRASE_FILE', file).replace(/\r?\n$/, '')
  if (passphrase === '') throw new ConfigError([`KEY_PASSPHRASE_FILE: ${file} is empty`])
  return passphrase
}
