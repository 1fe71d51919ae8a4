#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What reaches the program from outside comes through struct runtime, which main.c fills; only cli prints; folders and
# files of the user are named in one place.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99
[ "${POSTHASTE_TEST_SANITIZED:-}" != 1 ] || skip_all "the sources and manuals are the same with sanitizers"
. "$top_srcdir/tests/lib/source_code.sh" || exit 99

# The environment, the process's rights and the system's implementations, where they are used: lines of bare_code.
seams() {
	grep -E -e '(^|[^A-Za-z0-9_])(secure_)?getenv *\(|getauxval' \
		-e '(^|[^.>*A-Za-z0-9_])environ($|[^A-Za-z0-9_])|[a-z]_system($|[^A-Za-z0-9_(])' |
		grep -Ev '(^|[^A-Za-z0-9_])(extern )?const struct [a-z_]+ [a-z_]+_system($|;| =)'
}
prints() {
	grep -E '(^|[^A-Za-z0-9_])(v?printf|puts|putchar|perror) *\(|(^|[^A-Za-z0-9_])(stdout|stderr)($|[^A-Za-z0-9_])'
}

# What only Linux has, each in the files that also have what takes its place (doc/design/portability.md).
linux_words='signalfd|SFD_|timerfd_|TFD_|inotify_|pidfd_|memfd_|F_OFD_|prctl|PR_[SG]ET_|SO_PEERCRED|struct ucred'
linux_words+='|renameat2|O_TMPFILE|O_PATH|POLLRDHUP|close_range|getauxval|AT_SECURE|AT_EXECFN|SYS_|syscall *\('
linux_words+='|fstatfs|epoll_|eventfd|sendmmsg|getrandom|W_EXITCODE'
linux_headers='include +<(linux/|sys/(auxv|inotify|pidfd|prctl|signalfd|syscall|timerfd|vfs)\.h)'
linux_only() { grep -E "(^|[^A-Za-z0-9_])($linux_words)|$linux_headers"; }
linux_seams='src/(main|base/(file_lock|fsutil|log_file|process|sandbox_landlock|sandbox_seccomp|signal_watch)'
linux_seams+='|net/peer_user|runner/(changes|wait)|serve/batch_maildir)\.c|src/base/linux_only\.h'

# The log may be /dev/stdout: what was printed before comes first.
log_flush='src/base/log_file\.c:[0-9]+: .*\(void\)fflush\(stdout\);'

# ---- the checks find what they are for ----
seam_lines='a.c:1: 	char *home = getenv(_);
a.c:2: 	start(argv, environ);
a.c:3: 	return getauxval(AT_SECURE);
a.c:4: 	now = clock_wall(&clock_system);
a.c:5: 	path = secure_getenv(_);'
is "$(seams <<<"$seam_lines")" "$seam_lines" "each way around the runtime is found"
is "$(seams <<'END'
a.c:1: 	start(argv, runtime->environ);
a.c:2: extern const struct clock clock_system;
a.c:3: const struct spool_ops spool_ops_system = {
a.c:4: 	rc = load_system(c, path);
a.c:5: 	char *const *environ;
a.c:6: 	runtime_env(runtime, _);
END
)" "" "what goes through it is not"
print_lines='a.c:1: 	(void)printf(_);
a.c:2: 	(void)fputs(_, stderr);
a.c:3: 	puts(_);
a.c:4: 	(void)fflush(stdout);'
is "$(prints <<<"$print_lines")" "$print_lines" "each way to print is found"
is "$(prints <<'END'
a.c:1: 	(void)snprintf(buf, sizeof(buf), _);
a.c:2: 	dup2(fd, STDOUT_FILENO);
a.c:3: 	strbuf_puts(out);
END
)" "" "what does not print is not"

linux_lines='a.c:1: 	fd = signalfd(-1, &set, SFD_CLOEXEC);
a.c:2: 	(void)prctl(PR_SET_DUMPABLE, 0);
a.c:3: #include <sys/inotify.h>
a.c:4: 	p.events = POLLRDHUP;'
is "$(linux_only <<<"$linux_lines")" "$linux_lines" "what only Linux has is found"
is "$(linux_only <<'END'
a.c:1: 	process_hide();
a.c:2: 	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
a.c:3: 	wd = my_inotify_add(path);
END
)" "" "and nothing else"

# ---- and find nothing here ----
cd "$top_srcdir" || bail "no source tree"
folders=()
for folder in src/*/; do
	case $folder in src/gen/ | src/helper/) ;; *) folders+=("${folder%/}") ;; esac
done
bare_code_of "${folders[@]}" >"$T/code"
isnt "$(wc -l <"$T/code")" 0 "there is code"
nothing "only main.c reads the environment and names the system's implementations" "$(seams <"$T/code")"
nothing "only cli prints" "$(grep -v '^src/cli/' "$T/code" | prints | grep -Ev "$log_flush")"
users=$(grep -rl --include='*.[ch]' '"base/linux_only.h"' src | paste -sd'|')
nothing "what only Linux has is behind its seams" "$(linux_only <"$T/code" | grep -Ev "^($linux_seams|$users):")"
for once in '"XDG_STATE_HOME":src/base/env.c' '"XDG_CONFIG_HOME":src/base/env.c' '\.posthasterc":src/config/load.c' \
	'\.msmtprc":src/config/load.c'; do
	is "$(grep -rlE --include='*.c' -- "${once%:*}" src | tr '\n' ' ')" "${once##*:} " "${once%:*} is named in one file"
done
done_testing
