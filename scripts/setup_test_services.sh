#!/bin/sh
# Bring what the tests need beside Python: PostgreSQL (15 or newer), Redis, Dovecot and Chromium.
#
# What is there is used. As root the rest is installed with apt-get, without starting any service. Anybody else
# gets Debian's packages unpacked below ${XDG_CACHE_HOME:-~/.cache}/helpdesk-tests, where the tests find them.
# What cannot be had is said here, and the tests that need it fail with the same sentence; none is skipped.
set -eu

cache="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/helpdesk-tests"
root="$cache/root"
names="postgresql redis dovecot chromium"

say() { printf 'services: %s\n' "$*"; }

# Print where a service's program is below the folder $1 (empty: installed), or fail.
place_of() {
  case $2 in
    postgresql)
      for bin in $(ls -d "$1"/usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
        version=${bin%/bin}; version=${version##*/}
        [ "$version" -ge 15 ] && [ -x "$bin/initdb" ] || continue
        [ -e "$1/usr/share/postgresql/$version/extension/pg_trgm.control" ] || continue
        echo "$bin/postgres"; return
      done
      [ -z "$1" ] && command -v postgres && command -v initdb >/dev/null ;;
    redis) program "$1" redis-server ;;
    dovecot) [ -x "$1/usr/lib/dovecot/imap" ] && [ -x "$1/usr/lib/dovecot/lmtp" ] && program "$1" dovecot ;;
    chromium)
      if [ -n "$1" ]; then ls "$1/usr/lib/chromium/chromium" 2>/dev/null
      else program "" chromium || program "" google-chrome || program "" chromium-browser || brought_by_playwright
      fi ;;
  esac
}

program() {
  if [ -z "$1" ]; then PATH="$PATH:/usr/local/bin:/usr/sbin:/sbin" command -v "$2"
  else ls "$1/usr/bin/$2" 2>/dev/null || ls "$1/usr/sbin/$2" 2>/dev/null
  fi
}

brought_by_playwright() {
  ls "${HOME:-/}"/.cache/ms-playwright/chromium-*/chrome-linux*/chrome 2>/dev/null | tail -n 1 | grep .
}

packages_of() {
  case $1 in
    postgresql) echo postgresql ;;
    redis) echo redis-server ;;
    dovecot) echo dovecot-imapd dovecot-lmtpd ;;
    chromium) echo chromium fonts-dejavu-core ;;
  esac
}

# The names of the services that are neither installed nor unpacked.
missing() {
  for name in $names; do
    place_of "" "$name" >/dev/null || place_of "$root" "$name" >/dev/null || printf '%s ' "$name"
  done
}

# Run a command up to three times: mirrors have bad moments.
patiently() {
  "$@" && return
  for pause in 2 6; do
    sleep "$pause"
    "$@" && return
  done
  return 1
}

# Install packages and leave no service of theirs running, and no database cluster behind.
install_packages() {
  policy=/usr/sbin/policy-rc.d
  cluster=/etc/postgresql-common/createcluster.d/helpdesk-tests.conf
  [ -e "$policy" ] && policy=
  mkdir -p "${cluster%/*}"
  trap 'rm -f ${policy:+"$policy"} "$cluster"' EXIT
  trap 'exit 1' INT TERM
  echo "create_main_cluster = false" > "$cluster"
  if [ -n "$policy" ]; then printf '#!/bin/sh\nexit 101\n' > "$policy"; chmod 755 "$policy"; fi
  export DEBIAN_FRONTEND=noninteractive
  patiently apt-get update -qq &&
    patiently apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1 </dev/null
}

# Download packages with the libraries this machine lacks, and unpack them, without any right.
unpack_packages() {
  set -- -o "Dir::State=$cache/apt/state" -o "Dir::Cache=$cache/apt/cache" \
    -o Dir::State::status=/var/lib/dpkg/status -o Debug::NoLocking=1 -o APT::Sandbox::User= -- "$@"
  mkdir -p "$cache/apt/state/lists/partial" "$cache/apt/cache/archives/partial" "$root"
  options=; while [ "$1" != -- ]; do options="$options '$1'"; shift; done; shift
  eval "patiently apt-get $options update -qq" &&
    eval "patiently apt-get $options install -y -qq --download-only --no-install-recommends \"\$@\"" \
      >"$log" 2>&1 </dev/null || return 1
  for package in "$cache"/apt/cache/archives/*.deb; do
    dpkg -x "$package" "$root" || return 1
  done
  # Dovecot has two places built in: make them relative, of the same length. The tests lay links there.
  find "$root/usr/lib/dovecot" "$root/usr/sbin/dovecot" -type f -exec env LC_ALL=C sed -i \
    -e 's|/usr/lib/dovecot/modules|.////////////////modules|g' \
    -e 's|/usr/bin/doveconf|.////////doveconf|g' {} + 2>/dev/null || true
  printf '<fontconfig>%s%s</fontconfig>\n' \
    "<dir>$root/usr/share/fonts</dir><dir>/usr/share/fonts</dir>" \
    "<cachedir>$cache/fonts</cachedir>" > "$root/fonts.conf"
  rm -rf "$cache/apt"
}

wanted=$(missing)
if [ -n "$wanted" ]; then
  packages=$(for name in $wanted; do packages_of "$name"; done | xargs)
  mkdir -p "$cache"
  log="$cache/setup.log"
  if ! command -v apt-get >/dev/null; then
    say "no apt-get here; please install by your own means: $wanted"
  elif [ "$(id -u)" -eq 0 ]; then
    say "installing $packages"
    install_packages $packages || { tail -n 5 "$log"; say "apt-get failed, all of it is in $log"; }
  else
    say "unpacking $packages below $root (not root; takes a minute, once)"
    unpack_packages $packages || { tail -n 5 "$log"; say "apt-get failed, all of it is in $log"; }
  fi
fi

for name in $names; do
  where=$(place_of "" "$name" || place_of "$root" "$name") || where="MISSING: its tests will fail"
  say "$name: $where"
done
