# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Unbound as the name server of zones that are signed here (ldns-signzone).
# Sourced by lib.sh. It listens at port 53, which needs a network namespace of
# its own: the test starts itself again inside one and mounts a resolv.conf.
#
#   zone_signed ZONE [OPTION...] <RECORDS
#                      makes a signed zone; the records have names below it, "@"
#                      is the zone. ldns-signzone gets the options (-e END of the
#                      signatures, -i their BEGIN)
#   zone_unsigned ZONE <RECORDS
#   zone_ds ZONE       its DS record, for the zone above
#   zone_forge ZONE OLD NEW
#                      changes a signed zone afterwards
#   UNBOUND_ANCHOR=ZONE
#                      the zone with whose key validation begins; its DNSKEY is
#                      in $UNBOUND_ANCHOR_FILE
#   unbound_start      once all zones are there

ZONES=$BED/zones

zone_dir() {
	[ -d "$ZONES" ] || mkdir -m 755 "$ZONES"
}

zone_text() {
	printf '%s. 300 IN SOA ns.%s. root.%s. 1 3600 600 86400 300\n%s. 300 IN NS ns.%s.\n' "$1" "$1" "$1" "$1" "$1"
	printf 'ns.%s. 300 IN A 127.0.0.1\n' "$1"
	local name rest
	while read -r name rest; do
		if [ "$name" = @ ]; then name=$1; else name=$name.$1; fi
		printf '%s. 300 IN %s\n' "$name" "$rest"
	done
}

zone_unsigned() {
	zone_dir
	zone_text "$1" >"$ZONES/$1"
}

zone_signed() {
	local zone=$1 keys
	shift
	zone_dir
	zone_text "$zone" >"$ZONES/$zone.plain"
	(
		cd "$ZONES" || exit 1
		keys=$(ldns-keygen -a ECDSAP256SHA256 -k "$zone") && mv "$keys.ds" "$zone.ds" &&
			cp "$keys.key" "$zone.key" &&
			ldns-signzone -f "$zone" "$@" "$zone.plain" "$keys" "$(ldns-keygen -a ECDSAP256SHA256 "$zone")"
	) >"$ZONES/$zone.log" 2>&1 || bail "the zone $zone could not be signed: $(cat "$ZONES/$zone.log")"
}

zone_ds() { sed "s/^$1\. *//;s/^[0-9]*[ 	]*IN[ 	]*//" "$ZONES/$1.ds"; }

zone_forge() {
	grep -q -- "$2" "$ZONES/$1" || bail "the zone $1 has no $2"
	sed -i "s/$2/$3/" "$ZONES/$1"
}

unbound_start() {
	bed_launch unbound
}

unbound_configure() {
	local zone
	UNBOUND_ANCHOR_FILE=$ZONES/$UNBOUND_ANCHOR.key
	{
		cat <<-END
		server:
		  interface: 127.0.0.1@53
		  do-daemonize: no
		  username: ""
		  chroot: ""
		  directory: "$BED/unbound"
		  pidfile: ""
		  use-syslog: no
		  logfile: "$BED/unbound/unbound.log"
		  verbosity: 2
		  module-config: "iterator"
		  do-ip6: no
		  local-zone: "." always_refuse
		END
		for zone in "$ZONES"/*; do
			case $zone in *.plain | *.key | *.ds | *.log | *.private) continue ;; esac
			printf '  local-zone: "%s." transparent\n' "${zone##*/}"
		done
		echo 'remote-control:'
		echo '  control-enable: no'
		for zone in "$ZONES"/*; do
			case $zone in *.plain | *.key | *.ds | *.log | *.private) continue ;; esac
			printf 'auth-zone:\n  name: "%s"\n  zonefile: "%s"\n  for-upstream: no\n' "${zone##*/}" "$zone"
		done
	} >"$BED/unbound/unbound.conf"
}

unbound_spawn() {
	bed_exec main "$BED_TREES/main/usr/sbin/unbound" -d -c "$BED/unbound/unbound.conf" >"$BED/unbound/start.log" 2>&1 \
		</dev/null &
	bed_pid=$!
	UNBOUND_PID=$bed_pid
}

unbound_ready() {
	bed_wait "$UNBOUND_PID" bed_connects 53
}

unbound_stop() {
	bed_end "$UNBOUND_PID"
	UNBOUND_PID=
}
