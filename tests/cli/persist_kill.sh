#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sessions that stay open (persist): the keeper, and the process that uses its
# session, are killed at each of their system calls.  Every message that was
# reported as sent arrives once, and the user never notices.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
command -v strace >/dev/null || skip_all "strace is missing; on Debian or Ubuntu: apt install strace"
strace -o /dev/null true 2>/dev/null || skip_all "strace may not trace here"
sanitized && skip_all "the leak checker does not work in a traced process"
ca_need good

[ -d "$T/run" ] || mkdir -m 700 "$T/run"
export XDG_RUNTIME_DIR=$T/run
smarthost_chunking --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --auth PLAIN --user joe \
	--password-file "$T/password" --once 10000
conf "tls on" "tls_starttls off" "tls_trust_file $CA/ca.crt" "auth on" "password correct-horse" "persist 60s"

cat >"$T/kill.py" <<'END'
import hashlib, os, re, signal, socket, subprocess, sys, time

program, folder, port = sys.argv[1:]
rc, spool, run = folder + "/rc", folder + "/spool", folder + "/run/posthaste"
text = b"".join(f.encode() + b"\0" for f in
    ("default", rc, "host", "127.0.0.1", "port", port, "socket", "", "user", "joe"))
path = f"{run}/{hashlib.sha256(text).hexdigest()[:32]}"
traced = ["strace", "-o", "/dev/null"]
count = killed = 0

def inject(call, n):
    return traced + ["-e", "trace=" + call, "-e", f"inject={call}:signal=KILL:when={n}"]

def post(wrap=()):
    """Sends a message of its own, and returns its name, status and what was said."""
    global count
    count += 1
    name = f"message-{count}"
    mail = f"From: alice@example.org\nSubject: {name}\nMessage-ID: <{name}@example.org>\n\nGood morning.\n"
    p = subprocess.run([*wrap, program, "-C", rc, "bob@example.org"], input=mail.encode(), capture_output=True,
                       timeout=60)
    return name, p.returncode, p.stderr.decode()

def copies(name):
    return sum(f"Subject: {name}\r\n".encode() in open(f"{spool}/{f}", "rb").read()
               for f in os.listdir(spool) if f.endswith(".eml"))

def end_keepers():
    while True:
        pids = subprocess.run(["pgrep", "-f", "--", "^[^ ]*posthaste --keeper=" + folder],
                              capture_output=True).stdout.split()
        if not pids:
            return
        for pid in pids:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.01)

def keeper(wrap):
    """A keeper without sessions."""
    os.makedirs(run, 0o700, exist_ok=True)
    if os.path.exists(path):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        os.umask(0o177)
        s.bind(path)
        os.umask(0o077)
        s.listen(64)
        s.setblocking(False)
        return subprocess.Popen([*wrap, program, "--keeper=" + path], stdin=s, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

def result(good, what, why=""):
    print("ok" if good else "not ok", what, why)

def sent_once(sent):
    bad = [(name, status, said) for name, status, said in sent if status or said or copies(name) != 1]
    return not bad, bad

for call in "poll accept4 recvmsg sendmsg getsockopt close newfstatat,lstat unlink openat flock".split():
    for n in range(1, 7):
        k = keeper(inject(call, n))
        sent = [post() for _ in range(3)]
        died = k.poll() is not None
        killed += died
        end_keepers()
        k.wait()
        good, bad = sent_once(sent)
        result(good, f"the keeper is killed at {call} {n}", bad)
        if not died:
            break  # there are not so many

for call in "connect getsockopt sendmsg recvmsg poll recvfrom sendto fcntl close clone,clone3,fork,vfork".split():
    for n in range(1, 5):
        first, victim, last = post(), post(inject(call, n)), post()
        end_keepers()
        good, bad = sent_once([first, last])
        twice = copies(victim[0]) > 1
        killed += victim[1] != 0
        lost = victim[1] == 0 and copies(victim[0]) != 1
        result(good and not twice and not lost, f"the process with the session is killed at {call} {n}", bad)
        if victim[1] == 0:
            break
print("killed", killed)
END
"$PYTHON" "$T/kill.py" "$POSTHASTE" "$T" "$port" >"$T/results" 2>"$T/kill.err"
is "$?" 0 "all were tried: $(tail -1 "$T/kill.err")"
while read -r line; do
	case $line in
	ok*) ok "${line#ok }" ;;
	killed*) check "so many were killed: ${line#killed }" [ "${line#killed }" -gt 40 ] ;;
	*) not_ok "${line#not ok }" ;;
	esac
done <"$T/results"
smarthost_stop
done_testing
