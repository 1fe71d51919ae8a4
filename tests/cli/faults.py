# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions whose line fails at every place, and the truth about them.

    faults.py PLACE SHARD PROGRAM

PLACE is a private folder, with the certificates of tests/lib/ca.sh in ca/ where the
shard has TLS.  The program speaks through tests/lib/faultproxy with tests/lib/sink.  (The
certificate is an RSA one: its signatures always have the same length.)  A clean session
of each way is measured first; then the line is cut, reset, held, and changed after its
octets, a run for each.  What the program says of each recipient - exit status, --json,
text - is held against what the proxy let pass and what the sink stored when all was
over (judge(), below).  TAP on standard output.

FAULTS=full tries every octet everywhere, which takes minutes (make check-faults).
"""
import json, os, signal, subprocess, sys, threading, time

TOP, FULL = os.environ["top_builddir"], os.environ.get("FAULTS") == "full"
SANITIZED = os.environ.get("POSTHASTE_TEST_SANITIZED") == "1"
LANES, STALL_LANES = 2, 12 if SANITIZED else 24
HANG = 300  # seconds: nothing waits so long
PASSWORD = "correct-horse"


class Way:
    """One kind of session: what the sink offers, what the account has, what is tried."""

    def __init__(self, name, sink, account, recipients=("b@x",), refused=(), tls=False, dense=True):
        self.name, self.sink, self.account = name, sink, account
        self.recipients, self.refused, self.tls, self.dense = recipients, refused, tls, dense


def auth(mechanism):
    return (["--auth", mechanism, "--user", "j", "--password-file", "password"],
            ["auth " + mechanism.lower(), "user j", "password " + PASSWORD])


def tls(mode):
    return (["--tls", mode, "--cert", "ca/rsa.pem", "--key", "ca/rsa.key"],
            ["tls on", "tls_starttls " + ("on" if mode == "starttls" else "off"), "tls_trust_file ca/ca.crt",
             "host localhost"])


def way(name, extensions, *parts, lmtp=False, **more):
    sink, account = ["--extensions", extensions], []
    for s, a in parts:
        sink += s
        account += a
    if lmtp:
        sink += ["--lmtp"]
        account += ["protocol lmtp"]
    for address in more.get("refused", ()):
        sink += ["--reply", "rcpt:%s=550 no" % address]
    return Way(name, sink, account, **more)


SHARDS = {
    "data": [
        way("DATA, AUTH PLAIN", "SIZE", auth("PLAIN")),
        way("DATA pipelined", "PIPELINING", dense=False),
    ],
    "chunking": [
        way("BDAT, AUTH SCRAM-SHA-256", "PIPELINING,CHUNKING", auth("SCRAM-SHA-256"), dense=False),
        way("BDAT, one of two refused", "PIPELINING,CHUNKING", recipients=("b@x", "c@x"), refused=("c@x",)),
        way("BDAT one by one", "CHUNKING", dense=False),
    ],
    "lmtp": [
        way("LMTP", "SIZE", lmtp=True, recipients=("b@x", "c@x"), dense=False),
        way("LMTP pipelined, one of three refused", "PIPELINING", lmtp=True, recipients=("b@x", "c@x", "d@x"),
            refused=("c@x",)),
    ],
    "starttls": [way("STARTTLS, DATA, AUTH PLAIN", "SIZE", tls("starttls"), auth("PLAIN"), tls=True)],
    "tls": [way("TLS, BDAT, AUTH SCRAM-SHA-256", "PIPELINING,CHUNKING", tls("implicit"), auth("SCRAM-SHA-256"),
                tls=True)],
}

# ---- a run ------------------------------------------------------------------------


class Run:
    def __init__(self, number, kind, direction, offset):
        self.sender = "f%05d@x" % number
        self.kind, self.direction, self.offset = kind, direction, offset
        self.faults = []
        self.hung = False

    def __str__(self):
        return "%s %s %d" % (self.kind, self.direction, self.offset)


class Lane(threading.Thread):
    """A proxy, and runs one after the other."""

    def __init__(self, number, way, sink_port, runs, results):
        super().__init__(daemon=True)
        self.number, self.way, self.runs, self.results = number, way, runs, results
        self.base = "lane%d" % number
        self.proxy = subprocess.Popen([TOP + "/tests/lib/faultproxy", sink_port], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        port = self.proxy.stdout.readline().strip()
        with open(self.base + ".rc", "w") as rc:
            rc.write("account default\nhost 127.0.0.1\nport %s\ntls off\nqueue off\ndomain x\n" % port)
            rc.write("\n".join(way.account) + "\n")
        os.chmod(self.base + ".rc", 0o600)
        self.pid, self.since, self.run_now = None, 0, None

    def one(self, run):
        # only where the line falls silent for good is the limit reached
        short = 4 if SANITIZED else 1
        limit = ["--timeout=%d" % (short if run.kind in ("stall", "delay", "corrupt") else HANG)]
        self.proxy.stdin.write("%s %s %d\n" % (run.kind, run.direction, run.offset))
        self.proxy.stdin.flush()
        argv = [sys.argv[3], "-C", self.base + ".rc", "--json", "-f", run.sender] + limit + list(self.way.recipients)
        files = [(os.POSIX_SPAWN_OPEN, 0, "mail", os.O_RDONLY, 0)]
        for fd, name in ((1, ".out"), (2, ".err")):
            files.append((os.POSIX_SPAWN_OPEN, fd, self.base + name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        self.run_now, self.since = run, time.monotonic()
        self.pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=files)
        run.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.pid = None
        run.out, run.err = (open(self.base + name, encoding="utf-8", errors="replace").read()
                            for name in (".out", ".err"))
        line = self.proxy.stdout.readline().split()
        run.read = {"c": int(line[1]), "s": int(line[4])}
        run.passed = {"c": int(line[2]), "s": int(line[5])}
        if run.kind == "show":
            run.shown = {d: self.proxy.stdout.readline().strip() for d in "cs"}
        run.turns = [(t[0], *map(int, t[2:].split("/"))) for t in line[7:]]

    def run(self):
        while True:
            try:
                run = self.runs.pop()
            except IndexError:
                break
            try:
                self.one(run)
                self.results.append(run)
            except Exception as e:  # the proxy is gone, or the program was none
                run.faults.append("the run broke: %r" % e)
                run.status = None
                self.results.append(run)
                self.proxy.kill()
                break
        self.proxy.stdin.close()
        self.proxy.wait()


def run_all(way, sink_port, runs, lanes):
    results, queue = [], list(reversed(runs))
    threads = [Lane(i, way, sink_port, queue, results) for i in range(min(lanes, len(runs)))]
    for t in threads:
        t.start()
    while any(t.is_alive() for t in threads):
        for t in threads:
            t.join(0.05)
            pid = t.pid
            if pid and time.monotonic() - t.since > HANG:
                t.run_now.hung = True
                os.kill(pid, signal.SIGKILL)
    return results


class Sink:
    def __init__(self, way):
        self.spool = "spool"
        subprocess.run(["rm", "-rf", self.spool], check=True)
        os.mkdir(self.spool)
        argv = [TOP + "/tests/lib/sink", "--listen", "127.0.0.1:0", "--port-file", "-", "--parent-death",
                "--spool", self.spool,
                "--violations", "/dev/null", "--hostname", "s", "--timeout", str(HANG)] + way.sink
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().split()[1]

    def end(self):
        """Waits until every connection is over; then {sender: [{recipient: code}, ...]} of what was stored."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(HANG)
        stored = {}
        for name in os.listdir(self.spool):
            if name.endswith(".json"):
                envelope = json.load(open(os.path.join(self.spool, name)))
                stored.setdefault(envelope["mail_from"], []).append({r["address"]: r["code"] for r in envelope["rcpt"]})
        return stored


# ---- the clean session -------------------------------------------------------------


def records(octets, start):
    """Where TLS records begin and end, from start on (RFC 8446 section 5.1)."""
    ends = []
    while start + 5 <= len(octets):
        start += 5 + int.from_bytes(octets[start + 3:start + 5], "big")
        ends.append(start)
    return ends


class Clean:
    """Where in the octets of an undisturbed session the decisive ones are.

    flight   octets of the server that had passed when the message, or the flight it is part of, left the client
    message  octets of the client with which the message was complete
    verdict  of the server, for each recipient: with which it had its verdict
    refusal  of the server, for each recipient that is refused at RCPT: with which this was said
    total    of each direction
    ends     of each direction: where TLS records end
    """

    def __init__(self, way, run, ends=None):
        self.total = dict(run.passed)
        self.ends = ends or self.find_ends(way, run)
        # then comes QUIT, and TLS's goodbye in a record of its own
        self.message = self.total["c"] - (self.ends["c"][-1] - self.ends["c"][-3] if way.tls else len("QUIT\r\n"))
        turns = [t for t in run.turns if t[0] == "c" and t[1] <= self.message]
        last, self.flight = turns[-1][2], turns[-2][2]
        taken = [r for r in way.recipients if r not in way.refused]
        verdict = len("250 stored as 0000\r\n") if "--lmtp" in way.sink else 0
        self.verdict = {r: last - i * verdict for i, r in enumerate(reversed(taken))}
        # pipelined, in clear: the answers to MAIL and RCPT have 8 octets each
        group = turns[-2 if any("CHUNKING" in s for s in way.sink) else -3][2]
        self.refusal = {r: group + 8 * (way.recipients.index(r) + 2) for r in way.refused}

    @staticmethod
    def find_ends(way, run):
        ends = {"c": [], "s": []}
        if way.tls:
            octets = {d: bytes.fromhex(h) for d, h in run.shown.items()}
            clear = {"c": octets["c"].find(b"STARTTLS\r\n") + 10 if b"STARTTLS\r\n" in octets["c"] else 0}
            clear["s"] = octets["s"].index(b"\r\n", octets["s"].index(b"\r\n220 ") + 2) + 2 if clear["c"] else 0
            ends = {d: [clear[d]] + records(octets[d], clear[d]) for d in "cs"}
        return ends

    def key(self):
        # (how the server takes its leave is left to chance)
        return self.total["c"], self.message, self.flight, self.verdict


# ---- the check -------------------------------------------------------------------

# Everything the line does but reset ends both ways in order, and the proxy counts
# what the client says until its end: then what the program must say is known exactly.
EXACT = ("none", "show", "fin", "half", "split", "drip")
# Here the program's limit ends it, so it may have given up while octets were on their way.
LIMITED = ("stall", "delay")


def judge(way, clean, run, stored):
    """Adds to run.faults whatever was not the truth.

    complete   the message had left the program: the proxy read all of it
    verdict    the server's word about this recipient had passed, complete
    delivered  the sink stored the message with this recipient

    accepted is true if the verdict had passed and it was delivered.  refused is true if the
    refusal had passed.  retry is true if not delivered, and honest only if the message was not
    complete or the server said no: else that could not be known.  unknown is honest if the message
    was complete and no verdict had passed.
    """
    lie = run.faults.append
    if run.hung:
        lie("it hung")
    if run.status is None or run.status < 0 or run.status not in (0, 67, 75, 76, 77):
        lie("exit status %r" % run.status)
        return
    try:
        report = json.loads(run.out)
        said = {r["address"]: r["outcome"] for r in report["recipients"]}
    except (ValueError, KeyError) as e:
        lie("its JSON: %r" % e)
        return
    if list(said) != list(way.recipients):
        lie("outcomes for %s" % list(said))
        return
    copies = stored.get(run.sender, [])
    if len(copies) > 1:
        lie("delivered %d times" % len(copies))
    server, complete = run.passed["s"], run.read["c"] >= clean.message
    for r, outcome in said.items():
        delivered = any(c.get(r) == 250 for c in copies)
        refused = server >= clean.refusal[r] if r in clean.refusal else False
        verdict = server >= clean.verdict[r] if r in clean.verdict else False
        if run.kind in EXACT and not (outcome == "refused" and "unencrypted data followed" in run.err):
            # (unencrypted data after the 220 to STARTTLS, also an alert of the server, is taken for an attack)
            wanted = "refused" if refused else "accepted" if verdict else "unknown" if complete else "retry"
            if outcome != wanted:
                lie("%s: %s, the truth is %s" % (r, outcome, wanted))
        if outcome == "accepted" and not delivered:
            lie("%s: accepted, and not delivered: LOST" % r)
        if outcome in ("retry", "refused") and delivered:
            lie("%s: %s, and delivered: TWICE, if it is sent again" % (r, outcome))
        if run.kind == "corrupt":  # octets are counted, but not what became of them
            if outcome == "unknown" and server < clean.flight:
                lie("%s: unknown before the message could go" % r)
            continue
        if outcome == "accepted" and not verdict:
            lie("%s: accepted without the server's word" % r)
        if outcome == "refused" and not refused and "unencrypted data followed" not in run.err:
            lie("%s: refused without the server's word" % r)
        if outcome == "retry" and complete and not refused:
            lie("%s: retry, but that cannot be known" % r)
        if outcome == "unknown" and (server < clean.flight if run.kind == "rst" else not complete):
            lie("%s: unknown, but the message was not complete" % r)
    judge_words(way, run, report, list(said.values()), lie)


def judge_words(way, run, report, outcomes, lie):
    """Exit status, the overall outcome and the text say the same."""
    kinds = set(outcomes)
    later = kinds & {"retry", "unknown"}
    want = {75} if later else {67} if "refused" in kinds else {0}
    whole = {"accepted"} if kinds == {"accepted"} else {"partial"} if "accepted" in kinds else \
        {"unknown"} if "unknown" in kinds else {"retry"}
    if run.kind == "corrupt" and later == {"retry"}:
        want |= {76, 77}  # TLS is to blame, or a certificate
        whole |= {"failed"}
    if way.tls and run.kind == "half" and "alert" in run.err and later == {"retry"}:
        want |= {76}  # the server missed something and said so
        whole |= {"failed"}
    if "unencrypted data followed" in run.err:
        want, whole = {76}, {"refused"}
    if run.status not in want or report["status"] != run.status:
        lie("exit status %d (%s in the JSON) for %s" % (run.status, report["status"], " ".join(outcomes)))
    if report["outcome"] not in whole:
        lie("outcome %s for %s" % (report["outcome"], " ".join(outcomes)))
    if ("may have been" in run.err) != ("unknown" in kinds):
        lie("its words: %r" % run.err)
    if run.status and not run.err.startswith("posthaste: ") or run.status == 0 and run.err:
        lie("standard error: %r" % run.err)
    if later and "\nhint: " not in run.err:
        lie("no hint: %r" % run.err)


# ---- what is tried ------------------------------------------------------------------


def places(way, clean, d, step, from_=0):
    """Octets after which a fault takes place: each, or with TLS the ends of records, one more and less, and every
    step-th."""
    total = clean.total[d]
    if FULL:
        step = 1
    elif SANITIZED:
        step *= 5
    chosen = set(range(from_, total + 1, max(step, 1)))
    if way.tls:
        near = 1 if not SANITIZED else 0
        chosen |= {e + i for e in clean.ends[d] for i in range(-near, near + 1)}
    # where it is decided what is true, one is never left out
    for at in ([clean.message] if d == "c" else [clean.flight, *clean.verdict.values(), *clean.refusal.values()]):
        chosen |= {at - 1, at, at + 1}
    return sorted(n for n in chosen if from_ <= n <= total)


def plans(way, clean):
    """[(kind, direction, offsets)]"""
    out = []
    for d in "cs":
        out.append(("fin", d, places(way, clean, d, 67 if way.tls else 1 if way.dense else 3)))
        out.append(("rst", d, places(way, clean, d, 131 if way.tls else 5 if way.dense else 11)))
        out.append(("half", d, places(way, clean, d, 331 if way.tls else 13)))
        if way.tls:
            # in clear a changed octet is the server's word
            out.append(("corrupt", d, [n for n in places(way, clean, d, 89) if clean.ends[d][0] <= n < clean.total[d]]))
        out.append(("split", d, [0]))
        out.append(("drip", d, [clean.total[d] // 2]))
        out.append(("stall", d, places(way, clean, d, 701 if way.tls else 71)))
        out.append(("delay", d, places(way, clean, d, 1201 if way.tls else 97)))
    return out


# ---- TAP ----------------------------------------------------------------------------

WORDS = {
    "fin": "cut", "rst": "reset", "half": "closed to one side", "corrupt": "one octet changed",
    "split": "octet by octet",
    "drip": "dripping", "stall": "held for good", "delay": "held until the other side spoke",
}


class Tap:
    count = failed = 0

    def result(self, good, name, *notes):
        self.count += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.count, name), flush=True)
        for n in notes:
            for line in str(n).splitlines():
                print("# " + line, flush=True)


def measure(way, sink, tap):
    """The clean session, several times: its octets must be the same in number each time."""
    runs = [Run(n, "show" if way.tls and not n else "none", "c", 0) for n in range(5)]
    done = run_all(way, sink.port, runs, 1)
    if len(done) != len(runs) or any(r.faults or r.status not in (0, 67) for r in done):
        tap.result(False, "%s: undisturbed" % way.name, *["%s %s %s" % (r.status, r.faults, getattr(r, "err", ""))
                                                          for r in done])
        return None, done
    clean = Clean(way, runs[0])
    keys = [Clean(way, r, clean.ends).key() for r in runs]
    good = all(k == keys[0] for k in keys)
    title = "%s: undisturbed, %d octets go there and %d come back" % (way.name, clean.total["c"], clean.total["s"])
    tap.result(good, title, *([] if good else keys))
    return clean, done


def play(way, tap):
    sink = Sink(way)
    clean, clean_runs = measure(way, sink, tap)
    if not clean:
        sink.end()
        return
    groups, number = [], 100
    for kind, d, offsets in plans(way, clean):
        groups.append([Run(number + i, kind, d, n) for i, n in enumerate(offsets)])
        number += len(offsets)
    quick = [r for g in groups for r in g if r.kind not in LIMITED + ("corrupt",)]
    slow = [r for g in groups for r in g if r.kind in LIMITED + ("corrupt",)]
    done = set(run_all(way, sink.port, quick, LANES)) | set(run_all(way, sink.port, slow, STALL_LANES))
    stored = sink.end()
    for group in groups + [clean_runs]:
        for run in group:
            if run not in done and run not in clean_runs:
                run.faults.append("it was not made")
            elif not run.faults:
                judge(way, clean, run, stored)
    for group in groups:
        bad = [r for r in group if r.faults]
        places_ = "after octet %d" % group[0].offset if len(group) == 1 else "at %d places" % len(group)
        direction = {"c": "to the server", "s": "from the server"}[group[0].direction]
        tap.result(not bad, "%s: %s %s, %s" % (way.name, direction, WORDS[group[0].kind], places_),
                   *["%s: %s; proxy: read %s passed %s; %s" % (r, "; ".join(r.faults), getattr(r, "read", ""),
                                                               getattr(r, "passed", ""), getattr(r, "err", ""))
                     for r in bad[:8]],
                   *(["%d of them in all" % len(bad)] if bad else []))
    bad = [r for r in clean_runs if r.faults]
    tap.result(not bad, "%s: undisturbed, and the check agrees" % way.name, *[r.faults for r in bad])


def main():
    place, shard = sys.argv[1:3]
    os.chdir(place)
    with open("mail", "w") as f:
        f.write("From: a@x\n\nHi\n")
    with open("password", "w") as f:
        f.write(PASSWORD + "\n")
    os.chmod("password", 0o600)
    tap = Tap()
    for w in SHARDS[shard]:
        play(w, tap)
    print("1..%d" % tap.count)
    sys.exit(1 if tap.failed else 0)


main()
