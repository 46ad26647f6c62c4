import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Pkcs11Token } from '../src/index.ts'

const LIBRARIES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/pkcs11/libsofthsm2.so']

/** Whether the optional native module was built when the workspace was installed. */
export const IS_BINDING_BUILT = await import('pkcs11js').then(
  () => true,
  () => false,
)

/** The library of SoftHSM where it can be tested against: none where it, or the native module, is not there. */
export const SOFTHSMS = LIBRARIES.filter((path) => IS_BINDING_BUILT && existsSync(path))

/** A fresh token in a folder of its own. */
export function createSoftToken(modulePath: string): Pkcs11Token & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'arc3088-softhsm-'))
  const config = join(folder, 'softhsm2.conf')
  writeFileSync(config, `directories.tokendir = ${folder}\nobjectstore.backend = file\nlog.level = ERROR\n`)
  process.env['SOFTHSM2_CONF'] = config
  const token = { modulePath, tokenLabel: 'arc3088 test', pin: '3088-user' }
  const init = [
    '--init-token',
    '--free',
    '--label',
    token.tokenLabel,
    '--pin',
    token.pin,
    '--so-pin',
    '3088-officer',
  ]
  execFileSync('softhsm2-util', [...init, '--module', modulePath], { stdio: 'pipe' })
  return { ...token, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}
