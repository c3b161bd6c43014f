# Sourced by bin/demo, bin/services and bin/test: finds some Node, installs the packages when they are missing or
# old, and hands over to the Node 24 that came with them. Works from any folder, as root or not, and without a HOME.
set -euo pipefail
unset CDPATH NODE_PATH NODE_ENV
export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
checkout="$PWD"
oldest_node=20

fail() { # one sentence, one command to type
  printf '\n%s\n\n    %s\n\n' "$1" "$2" >&2
  exit 1
}

# The first Node that is new enough to run npm: on PATH, else where installers usually put it.
find_node() {
  local candidate version
  for candidate in "$(command -v node || true)" "$(command -v nodejs || true)" /usr/local/bin/node /usr/bin/node \
    /opt/node*/bin/node "${HOME:-/nonexistent}"/.nvm/versions/node/*/bin/node "${HOME:-/nonexistent}"/.volta/bin/node; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    version="$("$candidate" --version 2>/dev/null)" || continue
    found_node="${found_node:-$version}"
    version="${version#v}"
    if [ "${version%%.*}" -ge "$oldest_node" ]; then
      node_directory="$(dirname -- "$candidate")"
      return 0
    fi
  done
  return 1
}

fingerprint() { { uname -sm; cat package-lock.json; } | sha256sum | cut -d' ' -f1; }

is_installed() {
  [ -x node_modules/.bin/tsc ] && [ -f node_modules/.package-lock.json ] || return 1
  [ "$(cat node_modules/.quittance-install 2>/dev/null)" = "$(fingerprint)" ] && return 0
  # Installed by hand after the lock file last changed: as good as ours.
  [ ! package-lock.json -nt node_modules/.package-lock.json ] && fingerprint >node_modules/.quittance-install
}

install_packages() {
  local began=$SECONDS
  local sudo="sudo "
  if [ "$(id -u)" = 0 ]; then sudo=""; fi
  local install_node="curl -fsSL https://deb.nodesource.com/setup_24.x | ${sudo}bash - && ${sudo}apt-get install -y nodejs"
  find_node || fail "Quittance needs some Node.js $oldest_node or newer to install itself (found: ${found_node:-none})." "$install_node"
  export PATH="$node_directory:$PATH"
  command -v npm >/dev/null || fail "Quittance needs npm to install itself, and this Node.js came without it." "$install_node"
  # npm wants a cache that it can write; accounts such as nobody have no home folder.
  if [ ! -w "${HOME:-/nonexistent}" ] && [ -z "${npm_config_cache:-}" ]; then export npm_config_cache="$checkout/.local/cache/npm"; fi
  echo "▸ Installing packages (npm ci, about ten seconds when npm has them in its cache)" >&2
  npm ci --loglevel=error --no-progress --no-fund --no-audit --include=dev --include=optional >.local/npm-ci.log 2>&1 || {
    head -n 20 .local/npm-ci.log >&2
    fail "npm could not install the packages; its reason stands above, all of it in .local/npm-ci.log. Once it is gone, try again, or look closer with:" "cd '$checkout' && npm ci --include=dev"
  }
  fingerprint >node_modules/.quittance-install
  echo "✓ Packages installed ($((SECONDS - began)) s)" >&2
}

# Two runs that start side by side must not both empty node_modules: the second waits for the first.
ensure_installed() {
  mkdir -p .local 2>/dev/null && [ -w .local ] ||
    fail "This account cannot write to $checkout/.local (was it made by another user?)." "sudo chown -R $(id -un) '$checkout'"
  if is_installed; then return 0; fi
  if ! command -v flock >/dev/null; then install_packages; return 0; fi
  exec 9>.local/install.lock
  if ! flock -n 9; then
    echo "▸ Waiting: another run is installing the packages" >&2
    flock 9
  fi
  if ! is_installed; then install_packages 9>&-; fi
  exec 9>&-
}

# Runs a TypeScript file of bin/lib with the project's own Node, and becomes it.
launch() {
  local script="$1"
  shift
  ensure_installed
  local node="$checkout/node_modules/.bin/node"
  if ! "$node" --version >/dev/null 2>&1; then
    # A platform for which the packages bring no Node along: the machine's own must be new enough.
    oldest_node=24
    found_node=""
    find_node || fail "Quittance brings its own Node.js for Linux on x64 and arm64 only; here it needs Node.js 24 (found: ${found_node:-none})." "nvm install 24"
    node="$node_directory/node"
  fi
  # Options meant for another Node must not change ours.
  unset NODE_OPTIONS
  exec "$node" "$checkout/bin/lib/$script" "$@"
}
