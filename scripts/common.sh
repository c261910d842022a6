# shellcheck shell=bash
# Shared by run, test and bench: says what it does, checks tools, installs Debian packages when root.

say() { printf '\033[1m==\033[0m %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# need_tools: the SDK and Node.js, which Debian does not package in the versions needed.
need_tools() {
  command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing: install it so that 'dotnet --version' prints 10.x"
  case "$(dotnet --version 2>/dev/null || true)" in
    10.*) ;;
    *) fail "the .NET 10 SDK is needed; 'dotnet --version' prints '$(dotnet --version 2>&1 | head -1)'" ;;
  esac
  command -v node >/dev/null && command -v npm >/dev/null || fail "Node.js 20 and npm are missing"
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || fail "Node.js 20 or newer is needed, found $(node --version)"
}

# need_packages PACKAGE...: installs what is missing when root, else names it.
need_packages() {
  local missing=() p
  for p in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    fail "these Debian packages are missing: ${missing[*]}
       install them with: sudo apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "installing Debian packages: ${missing[*]}"
  apt-get update -qq || fail "apt-get update failed"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
    || fail "apt-get could not install: ${missing[*]}"
}

# is_stale STAMP PATH...: true when the stamp is missing or anything below the paths is newer or was removed.
is_stale() {
  local stamp=$1; shift
  [ -f "$stamp" ] || return 0
  [ "$(sources_list "$@" | cksum)" = "$(cat "$stamp")" ] || return 0
  [ -n "$(find "$@" -type f -newer "$stamp" -not -path '*/bin/*' -not -path '*/obj/*' -not -path '*/node_modules/*' -print -quit)" ]
}

sources_list() {
  find "$@" -type f -not -path '*/bin/*' -not -path '*/obj/*' -not -path '*/node_modules/*' -not -path '*/dist/*' | LC_ALL=C sort
}

# stamp STAMP PATH...: remembers that a build of the paths is complete.
stamp() {
  local file=$1; shift
  mkdir -p "$(dirname "$file")"
  sources_list "$@" | cksum > "$file"
}

# build_web: the web client into web-client/dist, only when its sources changed.
build_web() {
  if [ ! -d web-client/node_modules ] || [ web-client/package-lock.json -nt web-client/node_modules/.package-lock.json ]; then
    say "installing the web client's packages"
    npm --prefix web-client ci --no-progress --loglevel=error || fail "npm ci failed"
  fi
  local sources=(web-client/src web-client/public web-client/index.html web-client/ptt.html web-client/package-lock.json web-client/vite.config.ts)
  if [ ! -f web-client/dist/index.html ] || is_stale out/web.stamp "${sources[@]}"; then
    say "building the web client"
    npm --prefix web-client run --silent build || fail "the web client does not build"
    stamp out/web.stamp "${sources[@]}"
  fi
}
