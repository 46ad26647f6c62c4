import type { PKCS11 } from 'pkcs11js'

import { Pkcs11Fault } from './pkcs11-fault.ts'

/** Which token, and what opens it. */
export interface Pkcs11Token {
  /** The library of the token's maker, such as `/usr/lib/softhsm/libsofthsm2.so`. */
  readonly modulePath: string
  readonly tokenLabel: string
  readonly pin: string
}

type Binding = typeof import('pkcs11js')

/** One logged-in session of a token; operations are taken one after another, as PKCS#11 wants it. */
export interface TokenSession {
  readonly binding: Binding
  readonly library: PKCS11
  readonly handle: Buffer
  /** Runs an operation when those before it are done. */
  inTurn<Result>(operation: () => Promise<Result>): Promise<Result>
  close(): void
}

/** Loads the library, finds the token by its label and logs in. Throws Pkcs11Fault. */
export async function openTokenSession({ modulePath, tokenLabel, pin }: Pkcs11Token): Promise<TokenSession> {
  const binding = await loadBinding()
  const library = new binding.PKCS11()
  try {
    library.load(modulePath)
  } catch (cause) {
    throw new Pkcs11Fault('module-missing', `${modulePath} is not a PKCS#11 library`, { cause })
  }
  initialize(binding, library)
  const slot = library
    .C_GetSlotList(true)
    .find((each) => library.C_GetTokenInfo(each).label.trim() === tokenLabel)
  if (slot === undefined) throw new Pkcs11Fault('token-missing', `no token is called ${tokenLabel}`)
  const handle = library.C_OpenSession(slot, binding.CKF_SERIAL_SESSION | binding.CKF_RW_SESSION)
  logIn(binding, library, handle, pin)
  let last: Promise<unknown> = Promise.resolve()
  return {
    binding,
    library,
    handle,
    inTurn(operation) {
      const mine = last.then(operation, operation)
      last = mine.catch(() => undefined)
      return mine
    },
    close() {
      library.C_CloseSession(handle)
    },
  }
}

async function loadBinding(): Promise<Binding> {
  try {
    return (await import('pkcs11js')).default
  } catch (cause) {
    throw new Pkcs11Fault('binding-missing', 'pkcs11js is not built on this machine', { cause })
  }
}

/** A library is initialised once a process, however many tokens are opened. */
function initialize(binding: Binding, library: PKCS11): void {
  try {
    library.C_Initialize()
  } catch (error) {
    if (!isCode(error, binding.CKR_CRYPTOKI_ALREADY_INITIALIZED)) throw error
  }
}

function logIn(binding: Binding, library: PKCS11, handle: Buffer, pin: string): void {
  try {
    library.C_Login(handle, binding.CKU_USER, pin)
  } catch (cause) {
    if (isCode(cause, binding.CKR_USER_ALREADY_LOGGED_IN)) return
    library.C_CloseSession(handle)
    throw new Pkcs11Fault('pin-refused', 'the token does not take the PIN', { cause })
  }
}

function isCode(error: unknown, code: number): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}
