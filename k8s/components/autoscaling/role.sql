-- The role by which KEDA reads how much work is due. Run this as the administrator of ADMIN_DATABASE_URL in each of the databases
-- account_sync, subscription_lifecycle and webhooks, after their first migration:
--   psql "$ADMIN_DATABASE_URL" -d webhooks -v password="'…'" -f role.sql
-- The role may connect to them, read this view, and nothing else.
do $$ begin
  if not exists (select from pg_roles where rolname = 'isthmus_autoscaler') then create role isthmus_autoscaler login; end if;
  execute format('grant connect on database %I to isthmus_autoscaler', current_database());
end $$;
alter role isthmus_autoscaler password :password connection limit 10;
alter role isthmus_autoscaler set default_transaction_read_only = on;
alter role isthmus_autoscaler set statement_timeout = '5s';
grant usage on schema public to isthmus_autoscaler;
grant select on backlog to isthmus_autoscaler;
