/**
 * Settings of the roles that the login may switch to, as `RoleSettingRow`s; those for this database go before those for
 * the server. What needs privileges is left out unless the login has been granted it (GRANT SET ON PARAMETER), and so
 * are settings that PostgreSQL doesn't know, of extensions that are not loaded.
 */
export const ROLE_SETTINGS_SQL = `
SELECT coalesce(json_agg(json_build_object('role', r.rolname, 'name', s.name, 'value', s.value) ORDER BY r.rolname, s.name), '[]')
  FROM (SELECT DISTINCT ON (d.setrole, known.name) d.setrole, known.name, substr(config, strpos(config, '=') + 1) AS value
          FROM pg_db_role_setting d
         CROSS JOIN unnest(d.setconfig) AS config
          JOIN pg_settings known ON known.name = split_part(config, '=', 1)
         WHERE d.setrole <> 0
           AND d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
           AND (known.context = 'user' OR has_parameter_privilege(current_user, known.name, 'SET'))
         ORDER BY d.setrole, known.name, d.setdatabase DESC) s
  JOIN pg_roles r ON r.oid = s.setrole
 WHERE r.rolname <> current_user AND pg_has_role(current_user, r.oid, 'MEMBER')`;
