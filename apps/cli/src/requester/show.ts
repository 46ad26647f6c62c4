import { showCommand } from '../node/node-commands.ts'

/** `requester show`: what a provider knows of the holder of the token. */
export const show = showCommand('/v1/requesters/me')
