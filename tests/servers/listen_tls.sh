#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Real clients that start TLS and log in at the mail service (-bD): each mechanism that each of them has, with the right
# password, a wrong one, and without any.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/listen_lib.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good
command -v gsasl >/dev/null || skip_all "gsasl is missing; on Debian or Ubuntu: apt install gsasl"

# give FILE <CONTENT: a file of the service's user
give() {
	cat >"$OPEN/$1"
	chmod 600 "$OPEN/$1"
	[ "$(id -u)" != 0 ] || chown 65534:65534 "$OPEN/$1"
}
PASSWORD='Canary 4c1f=x+y/z'
give good.pem <"$CA/good.pem"
for mechanism in SCRAM-SHA-256 SCRAM-SHA-1; do
	printf 'tester@mail.test:'
	gsasl --mkpasswd --mechanism=$mechanism --iteration-count 4096 --password="$PASSWORD"
done | give users
smarthost --once 100
service "listen_cert_file $OPEN/good.pem" "listen_users $OPEN/users" 'queue off'
cp "$CA/ca.crt" "$OPEN/ca.crt"
sent=0
# arrived NAME: one message more has
arrived() {
	sent=$((sent + 1))
	is "$status $(stored)" "0 $sent" "$1: a message"
}
refuses() { # NAME STATUS
	is "$status $(stored)" "$2 $sent" "$1: a wrong password"
}

# ---- swaks ----
if command -v swaks >/dev/null; then
	by_swaks() { # MECHANISM PASSWORD
		run timeout 60 swaks --server 127.0.0.1 --port "$tcp" -tls --auth "$1" --auth-user tester@mail.test \
			--auth-password "$2" --from home@mail.test --to a@mail.test
	}
	for mechanism in PLAIN LOGIN; do
		by_swaks $mechanism "$PASSWORD"
		arrived "swaks: $mechanism"
	done
	by_swaks PLAIN wrong
	refuses swaks 28
	run timeout 60 swaks --server 127.0.0.1 --port "$tcp" --from home@mail.test --to a@mail.test
	like "$status $(cat "$out")" '^23 .*530 5\.7\.0' "swaks: without TLS"
	run timeout 60 swaks --server 127.0.0.1 --port "$tcp" -tls --from home@mail.test --to a@mail.test
	like "$status $(cat "$out")" '^23 .*530 5\.7\.0' "swaks: without a login"
else
	skip "swaks is missing; on Debian or Ubuntu: apt install swaks" swaks
fi

# ---- curl ----
if command -v curl >/dev/null; then
	printf 'Subject: curl\r\n\r\ntext\r\n' >"$T/letter"
	by_curl() { # MECHANISM PASSWORD
		printf 'user = "tester@mail.test:%s"\n' "$2" >"$T/curlrc"
		run timeout 60 curl -sS -K "$T/curlrc" --ssl-reqd --cacert "$CA/ca.crt" --login-options "AUTH=$1" \
			"smtp://localhost:$tcp" -4 --mail-from home@mail.test --mail-rcpt a@mail.test -T "$T/letter"
	}
	for mechanism in PLAIN LOGIN '*'; do
		by_curl "$mechanism" "$PASSWORD"
		arrived "curl: $mechanism"
	done
	by_curl PLAIN wrong
	refuses curl 67
else
	skip "curl is missing" curl
fi

# ---- Python ----
run timeout -k 5 60 "$PYTHON" - "$tcp" "$PASSWORD" "$CA/ca.crt" <<'END_PYTHON'
import smtplib, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[3])
def session():
    s = smtplib.SMTP("localhost", int(sys.argv[1]))
    s.starttls(context=context)
    s.ehlo()
    s.user, s.password = "tester@mail.test", sys.argv[2]
    return s
for mechanism in "plain", "login":
    for initial in True, False:
        s = session()
        s.auth(mechanism, getattr(s, "auth_" + mechanism), initial_response_ok=initial)
        s.sendmail("home@mail.test", ["a@mail.test"], f"Subject: {mechanism} {initial}\n\ntext\n")
        s.quit()
s = session()
s.login("tester@mail.test", sys.argv[2])
s.quit()
try:
    session().login("tester@mail.test", "wrong")
except smtplib.SMTPException as e:
    print(type(e).__name__, e.smtp_code)
END_PYTHON
sent=$((sent + 4))
is "$status $(stored) $(cat "$err")" "0 $sent " "smtplib: LOGIN and PLAIN, with and without initial response"
# it tries the other mechanism with the same password
is "$(cat "$out")" "SMTPAuthenticationError 535" "smtplib: a wrong password"

# ---- SCRAM by another hand, with the channel binding of TLS 1.2 ----
run timeout -k 5 60 "$PYTHON" - "$tcp" "$PASSWORD" "$CA/ca.crt" <<'END_PYTHON'
import base64, hashlib, hmac, smtplib, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[3])
context.maximum_version = ssl.TLSVersion.TLSv1_2
def b(octets):
    return base64.b64encode(octets).decode()
def log_in(mechanism, password):
    plus, name = mechanism.endswith("-PLUS"), "sha256" if "256" in mechanism else "sha1"
    s = smtplib.SMTP("localhost", int(sys.argv[1]))
    s.starttls(context=context)
    s.ehlo()
    head = b"p=tls-unique,," if plus else b"n,,"
    bare = "n=tester@mail.test,r=fyko+d2lbbFgONRv9qkxdawL"
    code, text = s.docmd("AUTH", f"{mechanism} {b(head + bare.encode())}")
    if code != 334:
        return code, text
    first = base64.b64decode(text).decode()
    nonce, salt, rounds = (word[2:] for word in first.split(","))
    salted = hashlib.pbkdf2_hmac(name, password.encode(), base64.b64decode(salt), int(rounds))
    key = hmac.digest(salted, b"Client Key", name)
    final = f"c={b(head + (s.sock.get_channel_binding('tls-unique') if plus else b''))},r={nonce}"
    whole = f"{bare},{first},{final}".encode()
    proof = bytes(x ^ y for x, y in zip(key, hmac.digest(hashlib.new(name, key).digest(), whole, name)))
    code, text = s.docmd(b(f"{final},p={b(proof)}".encode()))
    if code != 334:
        return code, text
    wanted = "v=" + b(hmac.digest(hmac.digest(salted, b"Server Key", name), whole, name))
    return (0, "a wrong signature") if base64.b64decode(text).decode() != wanted else s.docmd("")
for mechanism in "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS":
    print(mechanism, log_in(mechanism, sys.argv[2])[0])
print("wrong", log_in("SCRAM-SHA-256", "wrong")[0])
END_PYTHON
is "$status $(paste -sd' ' "$out") $(cat "$err")" \
	"0 SCRAM-SHA-256 235 SCRAM-SHA-256-PLUS 235 SCRAM-SHA-1 235 SCRAM-SHA-1-PLUS 235 wrong 535 " "SCRAM"

# ---- msmtp ----
if command -v msmtp >/dev/null; then
	by_msmtp() { # MECHANISM PASSWORD
		printf '%s\n' "$2" >"$T/password"
		printf 'Subject: msmtp\n\ntext\n' >"$T/message"
		run timeout 60 msmtp -d -C /dev/null --host=localhost --port="$tcp" --tls=on \
			--tls-starttls=on --tls-trust-file="$CA/ca.crt" --auth="$1" --user=tester@mail.test \
			--passwordeval="cat $T/password" --from=home@mail.test a@mail.test <"$T/message"
	}
	# msmtp 1.8.28 gives libgsasl the channel binding for every SCRAM; without -PLUS libgsasl 2.2 then fails at once.
	never_began() { [ "$status" = 70 ] && ! grep -q '^--> AUTH' "$out" && grep -q 'GNU SASL: ' "$err"; }
	for mechanism in plain login scram-sha-1 scram-sha-256; do
		by_msmtp $mechanism "$PASSWORD"
		if [[ $mechanism = scram-* ]] && never_began; then
			skip "this msmtp fails before it sends AUTH: $(grep -m 1 'GNU SASL: ' "$err")" "msmtp: $mechanism"
			mechanism+=-plus
			by_msmtp $mechanism "$PASSWORD"
		fi
		arrived "msmtp: $mechanism"
	done
	by_msmtp plain wrong
	refuses msmtp 77
else
	skip "msmtp is missing" msmtp
fi

# ---- posthaste itself ----
by_posthaste() { # MECHANISM PASSWORD [OPTION...]
	printf '%s' "$2" >"$T/password"
	chmod 600 "$T/password"
	printf 'Subject: posthaste\n\ntext\n' >"$T/letter"
	run timeout 60 "$POSTHASTE" --host=localhost --port="$tcp" --tls=on --tls-starttls=on --tls-trust-file="$CA/ca.crt" \
		--auth="$1" --user=tester@mail.test --password-file="$T/password" --from=home@mail.test "${@:3}" a@mail.test \
		<"$T/letter"
}
for mechanism in plain login scram-sha-1 scram-sha-1-plus scram-sha-256 scram-sha-256-plus; do
	by_posthaste $mechanism "$PASSWORD"
	arrived "posthaste: $mechanism"
done
by_posthaste scram-sha-256-plus "$PASSWORD" --tls-priorities=NORMAL:-VERS-ALL:+VERS-TLS1.2
arrived "posthaste: scram-sha-256-plus with TLS 1.2"
by_posthaste scram-sha-256 wrong
refuses posthaste 77
service_end "after all clients"
unlike "$(cat "$T/service.err")" "Canary" "no password was reported"
smarthost_stop
done_testing
