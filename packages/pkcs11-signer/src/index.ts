export { openPkcs11Driver, type Pkcs11KeyDriver } from './pkcs11-driver.ts'
export { Pkcs11Fault, type Pkcs11FaultKind } from './pkcs11-fault.ts'
export type { Pkcs11Token } from './token-session.ts'
