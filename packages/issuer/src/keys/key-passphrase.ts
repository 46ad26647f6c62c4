import { ConfigError, readConfiguredFile } from '@arc3088/service'

/** The passphrase of key files; undefined where no file is named. Throws ConfigError as `readSecretFile` does. */
export function readKeyPassphrase(file: string | undefined): string | undefined {
  return file === undefined ? undefined : readSecretFile('KEY_PASSPHRASE_FILE', file)
}

/**
 * The secret that a file holds, without the newline that editors end a file with. Throws ConfigError naming the variable
 * for a file that cannot be read, or is empty.
 */
export function readSecretFile(variable: string, file: string): string {
  const secret = readConfiguredFile(variable, file).replace(/\r?\n$/, '')
  if (secret === '') throw new ConfigError([`${variable}: ${file} is empty`])
  return secret
}
