#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# deps.sh GOAL...: installs the Debian packages that these goals of make need and that are missing. Building and the
# demo need little; `make deps` alone is for the tests as well.
set -eu

build="gcc make libc6-dev pkg-config libbsd-dev libmd-dev"
check="bats bats-support bats-assert ffmpeg gnuplot-nox iproute2 mandoc netcat-openbsd procps python3 shellcheck"
interop="python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base
gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
gstreamer1.0-libav gstreamer1.0-tools jq python3-pandas
r-cran-bit64 r-cran-data.table sqlite3 vlc-bin vlc-plugin-base chromium mediainfo"
# The npm of Debian does not go with a Node.js from elsewhere, which has its own.
command -v npm >/dev/null || interop="$interop nodejs npm"

[ "$*" = deps ] && set -- check
packages=$build others=
for goal; do
	case $goal in
	deps | all | tools | demo | install) ;;
	check-interop) packages="$build $check" others=$interop ;;
	*) packages="$build $check" ;;
	esac
done
# shellcheck disable=SC2086 # lists of package names
set -- $packages $others

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "This is not Debian. What is needed, by Debian's names: $*" >&2
	exit 1
fi

missing=
for package; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
	sudo=sudo
	if ! command -v sudo >/dev/null; then
		echo "Not root, and there is no sudo. As root: apt-get install$missing" >&2
		exit 1
	fi
fi
echo "Installing:$missing"
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of package names
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
