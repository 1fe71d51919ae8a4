/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/keeper_link.h"

#include "base/fsutil.h"
#include "base/self_start.h"
#include "base/state_file.h"
#include "base/xalloc.h"
#include "net/fd_pass.h"
#include "tls/digest.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Octets of the hash in a socket's name: the name has the same length for all accounts. */
#define NAME_OCTETS 16
/* What is added to the name while the socket is made. */
#define NEW_SUFFIX ".new"

/* ---- names and keys ---- */

static char *hex(const unsigned char *octets, size_t n)
{
	AUTO(strbuf) out = STRBUF_INIT;
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&out, "%02x", octets[i]);
	return strbuf_detach(&out, NULL);
}

/* The first octets of the hash, in hex. */
static char *hash(const struct strbuf *text, size_t octets)
{
	unsigned char digest[TLS_SHA256_SIZE];
	tls_digest_sha256(strbuf_span(text), digest);
	return hex(digest, octets);
}

static void add_value(struct strbuf *out, const struct account *a, enum option_id id)
{
	AUTO(strbuf) text = STRBUF_INIT;
	strbuf_add_field(out, option_table[id].command);
	value_format(&option_table[id], account_value(a, id), &text);
	strbuf_add_field(out, text.buf);
}

/* Which sessions are one keeper's: what a user would call the account. */
static char *socket_path(const char *folder, const struct account *a)
{
	static const enum option_id names[] = {OPT_HOST, OPT_PORT, OPT_SOCKET, OPT_USER};
	AUTO(strbuf) text = STRBUF_INIT;
	strbuf_add_field(&text, a->name);
	strbuf_add_field(&text, a->defined.file);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		add_value(&text, a, names[i]);
	AUTO_FREE char *name = hash(&text, NAME_OCTETS);
	return xasprintf("%s/%s", folder, name);
}

/* The state of the file that a value comes from, also if it was named relative to the folder of the process. */
static void add_origin(struct strbuf *out, const struct origin *origin, const char **last)
{
	if (origin->kind != ORIGIN_FILE || !origin->file || origin->file == *last)
		return;
	*last = origin->file;
	fs_add_state(out, origin->file);
}

/* Secrets of the configuration are not part of it: the state of their file is. */
static char *key_of(const struct account *a)
{
	AUTO(strbuf) text = STRBUF_INIT;
	const char *last = NULL;
	strbuf_add_field(&text, PACKAGE_VERSION);
	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		const struct option_row *row = &option_table[id];
		if (!(row->flags & OPTION_CONNECTION) || row->target || !account_is_set(a, id))
			continue;
		add_origin(&text, account_origin(a, id), &last);
		if (row->type == VALUE_SECRET)
			continue;
		add_value(&text, a, id);
		if (row->type == VALUE_PATH)
			fs_add_state(&text, account_str(a, id));
		for (size_t i = 0; row->flags & OPTION_PATHS && i < account_list(a, id)->n; i++)
			fs_add_state(&text, account_list(a, id)->v[i]);
	}
	return hash(&text, TLS_SHA256_SIZE);
}

/* ---- life ---- */

/* Whether others can write to it is seen when a socket is made there (state_file_make_folder()). */
char *keeper_link_folder(const struct runtime *runtime)
{
	const char *run = runtime_env(runtime, "XDG_RUNTIME_DIR");
	struct stat st;
	if (!run || run[0] != '/' || stat(run, &st) < 0 || !S_ISDIR(st.st_mode))
		return NULL;
	return xasprintf("%s/" PACKAGE, run);
}

void keeper_link_init(struct keeper_link *link, const struct account *account, const struct runtime *runtime)
{
	*link = (struct keeper_link){.account = account, .runtime = runtime, .fd = -1};
	if (account_int(account, OPT_PERSIST) <= 0 || runtime->privileged)
		return;
	if (account_is_set(account, OPT_PROXY_COMMAND)) /* the command ends with this process */
		return;
	AUTO_FREE char *folder = keeper_link_folder(runtime);
	if (!folder)
		return;
	link->path = socket_path(folder, account);
	link->key = key_of(account);
	if (!link->key || !link->path ||
	    strlen(link->path) + strlen(NEW_SUFFIX) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		free(link->path);
		link->path = NULL;
	}
}

void keeper_link_release(struct keeper_link *link)
{
	if (link->fd >= 0)
		(void)close(link->fd);
	free(link->path);
	free(link->key);
	*link = (struct keeper_link){.fd = -1};
}

/* ---- the connection to the keeper ---- */

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	memcpy(address.sun_path, path, strlen(path) + 1);
	return address;
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* -1 with errno ENOENT or ECONNREFUSED: there is no keeper. */
static int connect_keeper(const char *path)
{
	struct sockaddr_un address = address_of(path);
	AUTO_FD int fd = new_socket();
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	if (fd_pass_is_ours(fd))
		return steal_fd(&fd);
	errno = EPERM;
	return -1;
}

static bool say(const struct keeper_link *link, const char *what)
{
	AUTO(strbuf) message = STRBUF_INIT;
	strbuf_add_field(&message, what);
	strbuf_add_field(&message, link->key);
	return fd_pass_send(link->fd, strbuf_span(&message), -1);
}

/* The keeper's answer, without its fields. */
static bool read_lent(struct span answer, long *age_ms, struct strbuf *state)
{
	struct span word, age;
	unsigned long long ms;
	if (!span_field(&answer, &word) || !span_equals_str(word, "lent") || !span_field(&answer, &age) ||
	    !span_to_u64(age, &ms) || ms > LONG_MAX)
		return false;
	*age_ms = (long)ms;
	strbuf_add_span(state, answer);
	return true;
}

static void hang_up(struct keeper_link *link)
{
	if (link->fd >= 0)
		(void)close(link->fd);
	link->fd = -1;
}

bool keeper_link_take(struct keeper_link *link, long *age_ms, struct strbuf *state, int *fd)
{
	struct strbuf answer = STRBUF_INIT;
	const struct clock *clock = link->runtime->clock;
	hang_up(link);
	*fd = -1;
	link->fd = link->path ? connect_keeper(link->path) : -1;
	if (link->fd < 0)
		return false;
	bool ok = say(link, "take") &&
		  fd_pass_receive(link->fd, &answer, fd, clock, deadline_in(clock, KEEPER_LINK_PATIENCE));
	link->full = ok && span_equal(strbuf_span(&answer), SPAN_LIT("busy\0"));
	ok = ok && *fd >= 0 && read_lent(strbuf_span(&answer), age_ms, state);
	strbuf_wipe(&answer);
	if (ok)
		return true;
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	hang_up(link);
	return false;
}

void keeper_link_end(struct keeper_link *link)
{
	hang_up(link);
	link->fd = link->path ? connect_keeper(link->path) : -1;
	if (link->fd >= 0)
		(void)say(link, "end");
	hang_up(link);
}

/* ---- a new keeper ---- */

/* A socket that listens at path; only under the lock. */
static int listen_at(const char *path)
{
	AUTO_FREE char *new = xasprintf("%s" NEW_SUFFIX, path);
	struct sockaddr_un address = address_of(new);
	AUTO_FD int fd = new_socket();
	if (fd < 0 || (unlink(new) < 0 && errno != ENOENT))
		return -1;
	mode_t before = umask(S_IRWXG | S_IRWXO | S_IXUSR);
	bool ok = bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	(void)umask(before);
	ok = ok && listen(fd, SOMAXCONN) == 0 && rename(new, path) == 0;
	return ok ? steal_fd(&fd) : -1;
}

/* What the loader and libraries need; a keeper asks the environment for nothing. */
static char **environment_of(const struct runtime *runtime)
{
	static const char *const kept[] = {"LD_LIBRARY_PATH=", "LD_PRELOAD=",	"GNUTLS_",
					   "ASAN_OPTIONS=",    "LSAN_OPTIONS=", "UBSAN_OPTIONS="};
	size_t n = 0, used = 0;
	while (runtime->environ && runtime->environ[n])
		n++;
	char **v = xcalloc(n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < ARRAY_SIZE(kept); j++)
			if (strncmp(runtime->environ[i], kept[j], strlen(kept[j])) == 0)
				v[used++] = runtime->environ[i];
	return v;
}

static bool start_keeper(const struct keeper_link *link, int listener)
{
	static char name[] = PACKAGE;
	AUTO_FREE char *mode = option_name(&option_table[OPT_KEEPER]);
	AUTO_FREE char *argument = xasprintf("%s=%s", mode, link->path);
	AUTO_FREE char **environ_ = environment_of(link->runtime);
	char *const argv[] = {name, argument, NULL};
	/* It gets a session before it is ready for signals, and whatever ends it, the server is told. */
	const struct self_start how = {.program = link->runtime->self,
				       .argv = argv,
				       .environ = environ_,
				       .input = listener,
				       .holds_signals = true};
	return self_start(&how) == 0;
}

/* Connects to the keeper, which is started if there is none. */
static int find_keeper(const struct keeper_link *link)
{
	AUTO(error) err = ERROR_INIT;
	const struct clock *clock = link->runtime->clock;
	int fd = connect_keeper(link->path);
	if (fd >= 0 || (errno != ENOENT && errno != ECONNREFUSED))
		return fd;
	AUTO_FREE char *folder = keeper_link_folder(link->runtime);
	AUTO_FREE char *lock_name = xasprintf("%s" KEEPER_LINK_LOCK, strrchr(link->path, '/') + 1);
	if (!folder || !state_file_make_folder(folder, &err))
		return -1;
	AUTO_FD int lock = state_file_lock(folder, lock_name, clock, deadline_in(clock, KEEPER_LINK_PATIENCE), &err);
	if (lock < 0)
		return -1;
	fd = connect_keeper(link->path); /* another process may have been faster */
	if (fd >= 0 || (errno != ENOENT && errno != ECONNREFUSED))
		return fd;
	AUTO_FD int listener = listen_at(link->path);
	if (listener < 0)
		return -1;
	if (start_keeper(link, listener))
		return connect_keeper(link->path);
	(void)unlink(link->path);
	return -1;
}

bool keeper_link_open(struct keeper_link *link)
{
	if (!link->path || link->full)
		return false;
	if (link->fd < 0)
		link->fd = find_keeper(link);
	return link->fd >= 0;
}

bool keeper_link_give(struct keeper_link *link, const struct strbuf *state, int fd)
{
	const struct account *a = link->account;
	long long keepalive = account_int(a, OPT_PERSIST_KEEPALIVE);
	struct strbuf message = STRBUF_INIT;
	strbuf_grow(&message, state->len + 256); /* so that it does not move and leave a copy */
	strbuf_add_field(&message, "give");
	strbuf_add_field(&message, link->key);
	strbuf_addf(&message, "%lld%c%lld%c%lld%c", account_int(a, OPT_PERSIST), 0, keepalive > 0 ? keepalive : 0, 0,
		    account_int(a, OPT_PERSIST_SESSIONS), 0);
	strbuf_add_span(&message, strbuf_span(state));
	bool ok = fd_pass_send(link->fd, strbuf_span(&message), fd);
	strbuf_wipe(&message);
	hang_up(link);
	return ok;
}
