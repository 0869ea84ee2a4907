-- The role by which KEDA reads how much is due, in each of the databases account_sync, subscription_lifecycle and webhooks:
--   psql "$OWNER_URL" -v password="'…'" -f role.sql
-- It may connect, read this view, and nothing else.
do $$ begin
  if not exists (select from pg_roles where rolname = 'isthmus_autoscaler') then create role isthmus_autoscaler login; end if;
end $$;
alter role isthmus_autoscaler password :password connection limit 10;
alter role isthmus_autoscaler set default_transaction_read_only = on;
alter role isthmus_autoscaler set statement_timeout = '5s';
grant usage on schema public to isthmus_autoscaler;
grant select on backlog to isthmus_autoscaler;
