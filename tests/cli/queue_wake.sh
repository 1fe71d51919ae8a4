#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What wakes the queue when no message comes: the units for systemd, and the
# hook for networks that come up, in surroundings that are made up.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99

# ---- the hook ----
hook=$top_srcdir/scripts/network-up
mkdir "$T/fake"
cat >"$T/fake/loginctl" <<'END'
#!/bin/sh
[ "$1" = list-users ] || exit 1
cat "$T/users"
END
cat >"$T/fake/runuser" <<'END'
#!/bin/sh
# -u NAME -- COMMAND...
echo "$2: $4 $5 $6 $7 $8 $9 ${10} ${11} ${12}" >>"$T/started"
[ -f "$T/stdin-tried" ] || { cat >"$T/stdin-tried"; }
case "$2 $*" in
"idle "*is-active*) exit 3 ;;
"broken "*" start "*) exit 1 ;;
esac
END
chmod +x "$T/fake/loginctl" "$T/fake/runuser"
export T
# The hook trusts no PATH; the copy has another.
sed "s|^PATH=.*|PATH=$T/fake:/usr/bin:/bin|" "$hook" >"$T/hook"
check "the copy of the hook is another" test "$(grep -c "^PATH=$T/fake:" "$T/hook")" = 1
cat >"$T/users" <<'END'
1000 anna
1001 idle no
 1002 broken yes active
-5 minus
1003 -u
1004 bad;name
1005 $(touch$T/pwned)
x letters
1006 last.user@example
END
# comes ENVIRONMENT... -- ARGUMENT...: the hook, and who was served
comes() {
	local surroundings=()
	while [ "$1" != -- ]; do
		surroundings+=("$1")
		shift
	done
	shift
	rm -f "$T/started" "$T/stdin-tried"
	run env -u IFACE -u MODE -u STATE "${surroundings[@]}" sh "$T/hook" "$@" </dev/null
	served=$(sed -n 's/^\([^ ]*\): .*start --no-block.*/\1/p' "$T/started" 2>/dev/null | tr '\n' ' ')
}
while IFS='|' read -ru 9 want name words; do
	eval "comes $words"
	is "$status" 0 "$name: status 0"
	is "$served" "$want" "$name"
	is "$(cat "$out" "$err")" "" "$name: without a word"
done 9<<'ROWS'
anna broken last.user@example |NetworkManager, up|-- eth0 up
anna broken last.user@example |NetworkManager, vpn-up|-- tun0 vpn-up
anna broken last.user@example |NetworkManager, connectivity|CONNECTIVITY_STATE=FULL -- none connectivity-change
|NetworkManager, behind a portal|CONNECTIVITY_STATE=PORTAL -- none connectivity-change
|NetworkManager, down|-- eth0 down
|NetworkManager, the loopback|-- lo up
|NetworkManager, something new|-- eth0 device-reapply
anna broken last.user@example |ifupdown, start|IFACE=eth0 MODE=start PHASE=post-up --
|ifupdown, stop|IFACE=eth0 MODE=stop PHASE=pre-down --
|ifupdown, the loopback|IFACE=lo MODE=start --
|ifupdown, all of them|IFACE=--all MODE=start --
anna broken last.user@example |networkd-dispatcher, routable|IFACE=eth0 STATE=routable --
|networkd-dispatcher, degraded|IFACE=eth0 STATE=degraded --
|called by hand, without anything|--
ROWS
comes -- eth0 up
is "$(grep -c '^idle: ' "$T/started")" 1 "who has not started the timer is asked, and left alone"
is "$(grep -c '^anna: env -i PATH=[^ ]* XDG_RUNTIME_DIR=/run/user/1000 systemctl --user --quiet ' "$T/started")" 2 \
	"the user's rights and surroundings, nothing of root's"
unlike "$(cat "$T/started")" 'minus|letters|;|pwned|^-' "strange names are not taken"
check "and not obeyed" test ! -e "$T/pwned"
is "$(cat "$T/stdin-tried")" "" "the user's command cannot read the list of users"
rm "$T/fake/loginctl"
comes -- eth0 up
is "$status $served" "0 " "without systemd-logind nothing happens"
like "$(grep -v '^#' "$hook" | head -1)" '^PATH=/usr/sbin:/usr/bin:/sbin:/bin$' \
	"the hook sets its PATH before anything else"

# ---- the units ----
# Beside the programs as they would be installed: systemd-analyze looks whether they are there.
mkdir -p "$T/units/user" "$T/units/system" "$T/libexec"
install -m 755 "$top_builddir/scripts/run-queues" "$T/libexec/run-queues"
units="user/posthaste-queue user/posthaste-queue-now system/posthaste-queues system/posthaste"
for unit in $units; do
	name=${unit##*/}.service
	sed "s|@bindir@|${POSTHASTE%/*}|; s|^\\(ExecStart=.*/\\)posthaste |\\1${POSTHASTE##*/} |
		s|@pkglibexecdir@|$T/libexec|; s|@localstatedir@|/var|" \
		"$top_srcdir/scripts/systemd/$name.in" >"$T/units/$unit.service"
	unlike "$(cat "$top_builddir/scripts/systemd/$name")" '@[a-z]+@' "$name: no mark is left"
	like "$(cat "$top_builddir/scripts/systemd/$name")" 'ExecStart=/.*/(posthaste -|run-queues)' \
		"$name: names the program by its path"
done
cp "$top_srcdir/scripts/systemd/posthaste-queue.timer" "$T/units/user"
cp "$top_srcdir/scripts/systemd/posthaste-queues.timer" "$top_srcdir/scripts/systemd/posthaste.socket" "$T/units/system"
if ! command -v systemd-analyze >/dev/null; then
	skip "systemd-analyze is missing" "systemd takes the units"
else
	for unit in "$T"/units/*/*; do
		whose=${unit%/*}
		run env SYSTEMD_LOG_LEVEL=warning XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" timeout 60 systemd-analyze verify \
			"--${whose##*/}" --man=no "$unit"
		if grep -q 'Failed to .*\(manager\|bus\)' "$err"; then
			skip "systemd-analyze does not work here: $(head -1 "$err")" "${unit##*/}: systemd takes it"
			continue
		fi
		is "$status $(grep -F "${unit##*/}" "$err")" "0 " "${unit##*/}: systemd takes it"
	done
fi
if command -v shellcheck >/dev/null; then
	check "shellcheck finds nothing in the hook" shellcheck "$hook"
else
	skip "shellcheck is missing" "the hook"
fi
done_testing
