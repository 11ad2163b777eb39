#!/bin/sh
# Makes the namespace when it is not there; ends when the server answers for it. TEMPORAL_ADDRESS and NAMESPACE say which.
set -eu
tries=0
until temporal operator cluster health --address "$TEMPORAL_ADDRESS"; do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then echo "Temporal at $TEMPORAL_ADDRESS does not answer." >&2; exit 1; fi
  sleep 2
done
if temporal operator namespace describe --namespace "$NAMESPACE" --address "$TEMPORAL_ADDRESS"; then exit 0; fi
# What has ended stays readable for 30 days. What is open stays, however long it takes.
temporal operator namespace create --namespace "$NAMESPACE" --retention 720h --address "$TEMPORAL_ADDRESS"
