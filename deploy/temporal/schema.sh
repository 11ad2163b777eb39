#!/bin/sh
# Makes or updates Temporal's two databases. Runs at every start, before the server; does nothing when they are as they should be.
set -eu
sql() { temporal-sql-tool --plugin postgres12 --ep postgres --port 5432 --user temporal "$@"; }   # the password is in SQL_PASSWORD
for name in temporal visibility; do
  database=temporal
  if [ "$name" = visibility ]; then database=temporal_visibility; fi
  sql --db "$database" create
  sql --db "$database" setup-schema -v 0.0
  sql --db "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/$name/versioned"
done
