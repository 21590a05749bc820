import { type FirestoreSim, startFirestoreSim } from '@eds/tool-firestore-sim'

/** The emulator that the environment names, or a simulator of this test's own. */
export interface FirestoreServer {
  readonly host: string
  /** Absent where an emulator serves: what asks for it has to be skipped, with that reason. */
  readonly sim?: FirestoreSim
  stop(): Promise<void>
}

export const emulatorHost = process.env.FIRESTORE_EMULATOR_HOST

export async function startFirestore(): Promise<FirestoreServer> {
  if (emulatorHost !== undefined) return { host: emulatorHost, stop: async () => {} }
  const sim = await startFirestoreSim()
  return { host: sim.host, sim, stop: () => sim.stop() }
}
