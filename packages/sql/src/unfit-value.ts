/** A value that its column cannot hold unchanged. The message is the reason alone; where it stood is added by who knows. */
export class UnfitValue extends Error {}
