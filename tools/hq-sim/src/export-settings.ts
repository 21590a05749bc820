/** What an export holds and how it goes. */
export interface ExportSettings {
  /** Table → its rows: objects, or JSON texts of them. Kept in memory; for large exports use {@link directory}. */
  readonly rows?: Readonly<Record<string, readonly (object | string)[]>>
  /**
   * Folder of files named as exports are (those of `writeExport` of `@eds/shop`), served as streams; read when the
   * settings are made. Given together with {@link rows}, both are served.
   */
  readonly directory?: string
  /** Into how many files the rows of a table go; default 2. Applies to {@link rows}. */
  readonly filesPerTable?: number
  /** When the export was made, epoch milliseconds; default 1719999999000. Applies to {@link rows}. */
  readonly time?: number
  /** How many polls find the job unfinished; default 1. */
  readonly pendingPolls?: number
  /** Table → what its error says: its status is `Failed`. */
  readonly failed?: Readonly<Record<string, string>>
}
