#!/bin/bash
# One member of the replica set. The key with which members know each other must be a file that nobody else may read.
set -euo pipefail
umask 077
printf '%s' "$MONGODB_KEY" > /tmp/key
unset MONGODB_KEY
exec docker-entrypoint.sh mongod --replSet slipway --keyFile /tmp/key --bind_ip_all --wiredTigerCacheSizeGB "${CACHE_GB:-0.5}"
