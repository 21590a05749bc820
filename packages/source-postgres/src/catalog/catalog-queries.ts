/** Ordinary and partitioned tables outside of the system, with their columns; generated ones are left to the destination. */
export const tablesQuery = `
SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relreplident AS identity,
  (SELECT json_agg(json_build_object('name', a.attname, 'type', a.atttypid::int8, 'nullable', NOT a.attnotnull) ORDER BY a.attnum)
     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
  (SELECT json_agg(a.attname ORDER BY k.place)
     FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place), pg_attribute a
    WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.number) AS keys
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' AND c.relname NOT LIKE 'eds\\_%'
ORDER BY c.oid`

/** Every type by number: domains as what they stand on, arrays with their elements' type. */
export const typesQuery = `
WITH RECURSIVE base AS (
  SELECT oid, oid AS type FROM pg_type WHERE typtype <> 'd'
  UNION ALL
  SELECT d.oid, base.type FROM pg_type d JOIN base ON d.typbasetype = base.oid WHERE d.typtype = 'd'
)
SELECT b.oid::int8 AS oid, t.typname AS name, e.typname AS element, e.typdelim AS delimiter
FROM base b JOIN pg_type t ON t.oid = b.type
LEFT JOIN (SELECT a.typarray, a.typdelim, r.typname FROM pg_type a JOIN base ON base.oid = a.oid JOIN pg_type r ON r.oid = base.type
           WHERE a.typarray <> 0) e ON e.typarray = t.oid
WHERE t.typname IN ('int2','int4','int8','oid','numeric','float4','float8','bool','json','jsonb','bytea','timestamp','timestamptz')
  OR e.typname IS NOT NULL`
