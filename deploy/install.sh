#!/bin/sh
# Turn a running Raspberry Pi OS or Debian into the appliance, over ssh; again and again, if need be.
# It changes what is ours alone: the program, its user, its units, rules for its wires.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

usage() {
	cat >&2 <<'END'
usage: deploy/install.sh [-F SSH_CONFIG] [-p PORT] [-i KEY] [--config HEMS_TOML] HOST [BUNDLE]
       deploy/install.sh --root DIR [--config HEMS_TOML] BUNDLE

HOST needs python3 (3.11 to 3.13), systemd, and a user who is root or may use sudo without a password. Without
BUNDLE one is made for its Python and machine. Who may sign is keys/allowed_signers (just keys). With --root
everything is laid into a folder: no users, no service, no rights needed.
END
	exit 2
}

say() { echo "install: $*"; }
fail() {
	echo "install: $*" >&2
	exit "${code:-2}"
}

root= config= count=0
while [ $# -gt 0 ]; do
	case $1 in
	-F | -p | -i)
		[ $# -ge 2 ] || usage
		eval "option$count=\$1 value$count=\$2"
		count=$((count + 1))
		shift 2
		;;
	--root)
		[ $# -ge 2 ] || usage
		root=$2
		shift 2
		;;
	--config)
		[ $# -ge 2 ] || usage
		config=$2
		shift 2
		;;
	-*) usage ;;
	*) break ;;
	esac
done
host=
if [ -z "$root" ]; then
	[ $# -ge 1 ] || usage
	host=$1
	shift
fi
[ $# -le 1 ] || usage
bundle=${1:-}
[ -z "$root" ] || [ -n "$bundle" ] || usage

signers=${HEMS_SIGNERS:-$here/../keys/allowed_signers}
[ -s "$signers" ] || fail "$signers: nobody may sign yet; make a key: just keys"
[ -z "$bundle" ] || [ -s "$bundle" ] || fail "$bundle: there is no such bundle; make one: just bundle"
[ -z "$config" ] || [ -s "$config" ] || fail "$config: there is no such installation"

remote() {
	command=$1
	set -- -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=6
	number=0
	while [ $number -lt $count ]; do
		eval "set -- \"\$@\" \"\$option$number\" \"\$value$number\""
		number=$((number + 1))
	done
	ssh "$@" -- "$host" "$command"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -n "$host" ]; then
	asked='set -e; python3 -c "import sys; print(*sys.version_info[:2], sep=\".\")"; uname -m; command -v systemctl; [ "$(id -u)" = 0 ] || sudo -n true; id -un'
	code=6
	remote true </dev/null || fail "$host does not answer, or does not let you in; try: ssh $host"
	code=22
	told=$(remote "$asked" </dev/null) || fail "$host needs python3, systemd and sudo without a password"
	code=2
	python=$(echo "$told" | sed -n 1p) machine=$(echo "$told" | sed -n 2p)
	say "$host has Python $python on $machine"
	case $python in
	3.11 | 3.12 | 3.13) ;;
	*) code=22 fail "Python 3.11 to 3.13 is needed; take a newer Debian" ;;
	esac
	if [ -z "$bundle" ]; then
		say "a bundle is made for it"
		builder=$here/../.venv/bin/python
		[ -x "$builder" ] || builder=python3
		bundle=$("$builder" "$here/bundle.py" --key "$here/../keys/hems-update" --python "$python" --machine "$machine" \
			--out "$work")
	fi
fi

parcel=$work/parcel
mkdir -p "$parcel"
cp -R "$here/files" "$here/hems_update" "$here/set-up" "$here/fresh.toml" "$parcel/"
find "$parcel" -name __pycache__ -prune -exec rm -r {} +
cp "$signers" "$parcel/allowed_signers"
cp "$bundle" "$parcel/bundle.hems"
[ -z "$config" ] || cp "$config" "$parcel/hems.toml"
if [ -n "$root" ]; then
	mkdir -p "$root"
	sh "$parcel/set-up" "$(cd "$root" && pwd)"
	exit
fi
say "$(($(wc -c <"$bundle") / 1048576)) MiB are sent to $host"
command='set -e; folder=$(mktemp -d); trap "rm -rf $folder" EXIT; tar -xf - -C "$folder"; if [ "$(id -u)" = 0 ]; then sh "$folder/set-up"; else sudo -n sh "$folder/set-up"; fi'
code=0
tar -cf - -C "$parcel" . | remote "$command" || code=$?
exit "$code"
