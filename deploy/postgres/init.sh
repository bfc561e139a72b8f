#!/bin/sh
# Run once by the postgres image on an empty data folder: a database and two roles for each service.
set -eu
for service in $MACHIPO_SERVICES; do
    psql -v ON_ERROR_STOP=1 -q -U "$POSTGRES_USER" -d postgres \
        -v service="$service" \
        -v owner_password="$MACHIPO_SECRET-$service-owner" \
        -v app_password="$MACHIPO_SECRET-$service-app" \
        -f /machipo/service.sql
done
