#!/usr/bin/env bash
# A certificate to try things with: deploy/nginx/self-signed.sh [NAME [FOLDER]]. Stripe refuses it in live mode.
set -euo pipefail
name="${1:-localhost}"
folder="${2:-$(dirname -- "${BASH_SOURCE[0]}")/certs}"
if [ -e "$folder/tls.key" ]; then
  echo "There is a key in $folder already; it is left alone." >&2
  exit 1
fi
mkdir -p "$folder"
umask 077
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 90 \
  -subj "/CN=$name" -addext "subjectAltName=DNS:$name,IP:127.0.0.1" \
  -keyout "$folder/tls.key" -out "$folder/tls.crt" 2>/dev/null
echo "Wrote tls.crt and tls.key for $name into $folder, valid for 90 days." >&2
