import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TokenSettings } from '@arc3088/issuer'
import { openPkcs11Driver, Pkcs11Fault } from '@arc3088/pkcs11-signer'

const LIBRARIES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/pkcs11/libsofthsm2.so']

/** False where the optional native module was not built when the workspace was installed. */
const isBindingBuilt = await openPkcs11Driver({ modulePath: '/nowhere.so', tokenLabel: 'x', pin: 'x' }).then(
  () => true,
  (error: unknown) => error instanceof Pkcs11Fault && error.kind !== 'binding-missing',
)

/** The library of SoftHSM where a node can be tested against it; none elsewhere. */
export const SOFTHSMS = LIBRARIES.filter((path) => isBindingBuilt && existsSync(path)).slice(0, 1)

/** A fresh token in a folder of its own, and the environment that a process of the node needs for it. */
export interface SoftToken extends Disposable {
  readonly settings: TokenSettings
  readonly environment: Readonly<Record<string, string>>
  /** A file with another PIN. */
  readonly wrongPinFile: string
}

/** Makes a token; this process finds it too. */
export function createSoftToken(modulePath: string): SoftToken {
  const folder = mkdtempSync(join(tmpdir(), 'arc3088-softhsm-'))
  const config = join(folder, 'softhsm2.conf')
  writeFileSync(config, `directories.tokendir = ${folder}\nobjectstore.backend = file\nlog.level = ERROR\n`)
  process.env['SOFTHSM2_CONF'] = config
  const [pinFile, wrongPinFile] = [join(folder, 'pin'), join(folder, 'wrong-pin')]
  writeFileSync(pinFile, '3088-user\n')
  writeFileSync(wrongPinFile, '3088-other\n')
  const settings = { modulePath, tokenLabel: 'arc3088 node', pinFile }
  const pins = ['--pin', '3088-user', '--so-pin', '3088-officer']
  execFileSync(
    'softhsm2-util',
    ['--init-token', '--free', '--label', settings.tokenLabel, ...pins, '--module', modulePath],
    { stdio: 'pipe' },
  )
  return {
    settings,
    environment: {
      SOFTHSM2_CONF: config,
      PKCS11_MODULE: modulePath,
      PKCS11_TOKEN_LABEL: settings.tokenLabel,
      PKCS11_PIN_FILE: pinFile,
    },
    wrongPinFile,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
