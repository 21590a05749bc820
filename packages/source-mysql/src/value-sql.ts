import { type Column, kindOf } from './column.js'

/** A name as SQL quotes it. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** A text as SQL quotes it, whatever `sql_mode` says about backslashes. */
export function quoteText(text: string): string {
  return `CONVERT(X'${Buffer.from(text).toString('hex')}' USING utf8mb4)`
}

/**
 * SQL that gives a column's value as the text that `ValueText` describes; `reference` is the column as SQL names it (`NEW.x`). What grows
 * beyond max_allowed_packet becomes `!`, which is no value of such a column, instead of a silent NULL.
 */
export function textSql(column: Column, reference: string): string {
  switch (kindOf(column)) {
    case 'integer':
    case 'decimal':
    case 'double':
      return `CAST(${reference} AS CHAR)`
    case 'float':
      // As text, a FLOAT is cut to six digits; as a double it keeps them all.
      return `CAST((${reference} + 0e0) AS CHAR)`
    case 'bit':
      return `CAST(CAST(${reference} AS UNSIGNED) AS CHAR)`
    case 'timestamp':
      // Whatever time zone the session has that makes the change.
      return `CAST(UNIX_TIMESTAMP(${reference}) AS CHAR)`
    case 'date':
    case 'datetime':
    case 'time':
      return `CAST(${reference} AS CHAR)`
    case 'binary':
      return `IF(${reference} IS NULL, NULL, COALESCE(HEX(${reference}), '!'))`
    case 'json':
      // As it is, MariaDB would take it for a part of the document that a trigger builds, and round its numbers.
      return `CONCAT('', CONVERT(${reference} USING utf8mb4))`
    default:
      return `CONVERT(${reference} USING utf8mb4)`
  }
}
