#!/bin/sh
# Makes the secrets that docker-compose.yml asks for: one line each in .env (or the file named), readable by its owner alone.
# A line that is there stays as it is: run it again after an update, and only what is new is added.
#   sh deploy/secrets.sh [FILE]
set -eu
file=${1:-.env}
umask 077
touch "$file"
chmod 600 "$file"
# A file whose last line lacks its end would swallow the first of ours.
if [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ]; then echo >> "$file"; fi

base64url() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }
hex() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
put() {
  if grep -q "^$1=." "$file"; then return; fi
  printf '%s=%s\n' "$1" "$2" >> "$file"
  echo "made $1" >&2
}

put SLIPWAY_TOKEN_KEY "$(base64url)"
put SLIPWAY_PEPPER "$(base64url)"
put SLIPWAY_SIGNING_KEY "$(base64url)"
# These stand in addresses and in a key file: letters and digits only.
put MONGODB_KEY "$(hex)"
put MONGODB_ROOT_PASSWORD "$(hex)"
put MONGODB_PASSWORD "$(hex)"
put POSTGRES_PASSWORD "$(hex)"
put GRAFANA_PASSWORD "$(hex)"
