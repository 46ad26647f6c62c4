-- The roles and the database of one node, as a superuser or whoever may create both:
--   OWNER_PASSWORD=… APP_PASSWORD=… psql -v ON_ERROR_STOP=1 -v node=provider -f node.sql "$POSTGRES_ADMIN_URL"
-- The owner runs migrations and nothing else; the node connects as the other, which owns nothing. Every further right is
-- granted by a migration.
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
\set owner :node _owner
\set app :node _app
create role :"owner" with login password :'owner_password';
create role :"app" with login password :'app_password';
-- Byte order everywhere: an index must not depend on the machine's locale data.
create database :"node" owner :"owner" template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' lc_collate 'C' lc_ctype 'C';
revoke all on database :"node" from public;
grant connect on database :"node" to :"app";
\connect :"node"
grant usage on schema public to :"app";
