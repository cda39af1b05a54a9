#!/usr/bin/env bash
# Brings a machine to where Tidemark can be built, shown, tested or measured.
#
#   scripts/setup.sh build|demo|test|bench
#
# Installs only what is missing: Debian packages with apt-get, Python packages into .build/venv.
# When nothing is missing it is quick, says nothing and needs no network.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build_packages=(
  g++ pkg-config zlib1g-dev libisal-dev libzstd-dev libsnappy-dev libbrotli-dev liblz4-dev
  libbz2-dev liblzma-dev libcurl4-openssl-dev libmariadb-dev libsqlite3-dev libsimdjson-dev
  libpcre2-dev libxml2-dev
)
# The server's programs without the package that would start it as a service.
server_packages=(mariadb-server-core mariadb-client-core)
# What rotates logs, and what writes the compressed files that tests read.
test_packages=(logrotate zstd bzip2 xz-utils lz4)

case "${1:-}" in
  build) packages=("${build_packages[@]}") requirements=(build) ;;
  demo) packages=("${build_packages[@]}") requirements=(build demo) ;;
  test) packages=("${build_packages[@]}" "${test_packages[@]}") requirements=(build demo test) ;;
  bench) packages=("${build_packages[@]}") requirements=(build demo bench) ;;
  *)
    echo "usage: scripts/setup.sh build|demo|test|bench" >&2
    exit 2
    ;;
esac

say() { printf 'setup: %s\n' "$*"; }

fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

# Swift

check_swift() {
  local words version
  command -v swift >/dev/null || fail "Swift 6.2 or newer is needed and 'swift' is not on the PATH.
  Install it as https://www.swift.org/install/linux says (swiftly does it in one command), then run this again."
  words=$(swift --version 2>&1) || fail "'swift --version' does not work:
  $words
  https://www.swift.org/install/linux lists the packages that Swift itself needs."
  version=$(sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' <<<"$words" | head -n 1)
  if [[ -n $version && $(printf '6.2\n%s\n' "$version" | sort -V | head -n 1) != 6.2 ]]; then
    fail "Swift 6.2 or newer is needed, found $version. See https://www.swift.org/install/linux."
  fi
}

# Debian packages

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

has_server() { PATH="$PATH:/usr/sbin" command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null; }

# Spark 4 runs on Java 17 and 21. Debian's default is one of the two.
has_java() {
  local version
  command -v java >/dev/null || return 1
  version=$(java -version 2>&1 | sed -nE 's/.* version "([0-9]+).*/\1/p' | head -n 1)
  [[ -n $version && $version -ge 17 ]]
}

install_packages() {
  local missing=() package
  if ! command -v dpkg-query >/dev/null; then
    say "this is not Debian or Ubuntu: make sure that these are there: ${packages[*]}"
    return
  fi
  for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
  if [[ ${requirements[*]} == *demo* ]] && ! has_server; then
    missing+=("${server_packages[@]}")
  fi
  if [[ ${requirements[*]} == *test* ]] && ! has_java; then
    missing+=(default-jre-headless)
  fi
  [[ ${#missing[@]} -gt 0 ]] || return 0

  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || fail "these Debian packages are missing, and only root can install them:
  apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  "${as_root[@]}" apt-get -qq update
  # --no-remove: rather fail than take away a MySQL that stands in the way.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install --yes --no-remove --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get could not install: ${missing[*]} (its own words are above)"
}

# Python packages

venv=.build/venv

is_usable() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }

find_python() {
  local python
  for python in python3 /usr/bin/python3; do
    if is_usable "$python"; then
      echo "$python"
      return
    fi
  done
}

make_venv() {
  if "$venv/bin/python" -c 'import pip' 2>/dev/null; then return; fi
  local python
  python=$(find_python)
  if [[ -z $python ]] && command -v dpkg-query >/dev/null; then
    packages=(python3 python3-venv)
    install_packages
    python=$(find_python)
  fi
  [[ -n $python ]] || fail "Python 3.10 or newer with its venv module is needed (on Debian: python3-venv)."
  say "making a Python environment in $venv"
  rm -rf "$venv"
  mkdir -p .build
  "$python" -m venv "$venv"
}

# Each requirements file lists everything it needs, so pip has nothing to resolve. A stamp keeps
# the hash of the file that was installed last.
install_requirements() {
  local file=scripts/requirements-$1.txt stamp=$venv/.installed-$1 hash
  hash=$(sha256sum <"$file")
  if [[ -f $stamp && $(<"$stamp") == "$hash" ]]; then return; fi
  say "installing Python packages for '$1' into $venv"
  if grep -q '^pyspark==' "$file"; then say "  with Spark, a download of 400 MB"; fi
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --use-pep517 -r "$file" ||
    fail "pip could not install $file (its own words are above)"
  printf '%s\n' "$hash" >"$stamp"
}

check_swift
install_packages
make_venv
for name in "${requirements[@]}"; do install_requirements "$name"; done
