import type { ExitCode } from '../exit-codes.js'

/** Brings another version of this program into place. The supervisor decides when, and tells HQ how it went. */
export interface Upgrader {
  /**
   * Installs and verifies a version next to the running one, which is not touched. Takes as long as it takes; the supervisor delivers
   * meanwhile.
   *
   * @throws CommandFailure that says why it stays as it is: no such version, a container, a signature that is wrong.
   */
  install(version: string, signal: AbortSignal): Promise<InstalledVersion>
}

/** A version that is on the disk, verified, and answered with its version when it was asked. */
export interface InstalledVersion {
  readonly version: string
  /**
   * Runs it in the place of this program: the same command line, environment, directory and terminal. Called when the worker has
   * ended, the session is over and the HTTP port is free.
   *
   * Resolves to its exit code when it has run and ended, or to `undefined` when it failed to start: then everything is as it was before
   * the installation, and this program goes on. The signal is passed on to it as SIGTERM.
   */
  run(signal: AbortSignal): Promise<ExitCode | undefined>
}
