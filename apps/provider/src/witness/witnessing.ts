import type { WitnessAddress } from '@arc3088/issuer'

import type { AppointmentDoor } from '../appointment/appointment.ts'

/** Who witnesses this provider's log, and how many of them it takes: as the root says, and nobody else (W2). */
export function witnessingOf(appointment: AppointmentDoor): {
  witnesses(): Promise<readonly WitnessAddress[]>
  quorum(): number
} {
  return {
    witnesses: () => Promise.resolve(appointment.log().own?.witnesses ?? []),
    quorum: () => appointment.log().own?.quorum ?? 0,
  }
}
