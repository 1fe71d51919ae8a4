/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fast_sink: a mail server for measuring clients.  Takes everything, keeps
 * nothing, answers as fast as it can, and counts.
 *
 * It does not check syntax (tests/lib/sink does), but what a client must not do
 * for speed it notices: speak before its turn, speak on after a command that
 * ends a group, use what was not offered, send a bare LF.  Each connection leaves one
 * line of JSON in the log.  Shares no code with src/.
 */
#include "fast_sink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const char usage[] =
	"usage: fast_sink --port-file FILE [option...]\n"
	"  --listen ADDRESS         127.0.0.1; the port is a free one below the ephemeral ones if it can be\n"
	"  --cert FILE --key FILE   PEM; needed for TLS\n"
	"  --tls implicit|starttls|none\n"
	"  --extensions LIST        of PIPELINING,CHUNKING,SIZE,8BITMIME,PIPECONNECT (all but the last)\n"
	"  --auth LIST              PLAIN,LOGIN; \"\" for none\n"
	"  --log FILE               a line of JSON per connection\n"
	"  --lax                    no look at line ends within messages\n"
	"  --parent-death           ends with its parent\n";

static const char *const extension_names[] = {"PIPELINING", "CHUNKING", "SIZE", "8BITMIME", "PIPECONNECT"};

static bool parse_extensions(const char *list, unsigned *set)
{
	*set = 0;
	while (*list) {
		size_t len = strcspn(list, ","), i = 0;
		for (; i < 5; i++)
			if (strlen(extension_names[i]) == len && strncmp(list, extension_names[i], len) == 0)
				break;
		if (i == 5)
			return false;
		*set |= 1u << i;
		list += len + (list[len] == ',');
	}
	return true;
}

static int bind_to(const char *address, unsigned port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int on = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0 || inet_pton(AF_INET, address, &a.sin_addr) != 1)
		return -1;
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(s, 256) == 0)
		return s;
	close(s);
	return -1;
}

/* The link distinguishes clients from servers by their ports: not an ephemeral one. */
static int listen_on(const char *address, unsigned *port)
{
	unsigned first = 10000u + (unsigned)getpid() % 20000u;
	for (unsigned i = 0; i < 2000; i++) {
		*port = 10000u + (first - 10000u + i) % 20000u;
		int s = bind_to(address, *port);
		if (s >= 0)
			return s;
	}
	return -1;
}

static bool publish(const char *path, unsigned port)
{
	char next[4096];
	if (snprintf(next, sizeof(next), "%s.new", path) >= (int)sizeof(next))
		return false;
	FILE *f = fopen(next, "we");
	if (!f)
		return false;
	fprintf(f, "%u\n", port);
	return fclose(f) == 0 && rename(next, path) == 0;
}

static bool load_tls(struct sink *k, const char *cert, const char *key)
{
	if (k->tls == SINK_PLAIN)
		return true;
	if (!cert || !key) {
		fprintf(stderr, "fast_sink: TLS needs --cert and --key\n");
		return false;
	}
	int rc = gnutls_certificate_allocate_credentials(&k->cred);
	if (rc == 0)
		rc = gnutls_certificate_set_x509_key_file(k->cred, cert, key, GNUTLS_X509_FMT_PEM);
	if (rc == 0)
		rc = gnutls_priority_init(&k->priority, "NORMAL", NULL);
	if (rc < 0)
		fprintf(stderr, "fast_sink: %s\n", gnutls_strerror(rc));
	return rc >= 0;
}

struct job {
	const struct sink *sink;
	int fd;
};

static void *work(void *arg)
{
	struct job *j = arg;
	sink_serve(j->sink, j->fd);
	free(j);
	return NULL;
}

static void accept_all(const struct sink *k, int s)
{
	for (;;) {
		int on = 1, fd = accept4(s, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		struct job *j = malloc(sizeof(*j));
		pthread_t thread;
		if (fd < 0 || !j)
			abort();
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		*j = (struct job){k, fd};
		if (pthread_create(&thread, NULL, work, j) != 0)
			abort();
		pthread_detach(thread);
	}
}

enum { O_LISTEN = 1, O_PORT_FILE, O_CERT, O_KEY, O_TLS, O_EXTENSIONS, O_AUTH, O_LOG, O_LAX, O_PARENT };
static const struct option options[] = {
	{"listen", required_argument, NULL, O_LISTEN},
	{"port-file", required_argument, NULL, O_PORT_FILE},
	{"cert", required_argument, NULL, O_CERT},
	{"key", required_argument, NULL, O_KEY},
	{"tls", required_argument, NULL, O_TLS},
	{"extensions", required_argument, NULL, O_EXTENSIONS},
	{"auth", required_argument, NULL, O_AUTH},
	{"log", required_argument, NULL, O_LOG},
	{"lax", no_argument, NULL, O_LAX},
	{"parent-death", no_argument, NULL, O_PARENT},
	{NULL, 0, NULL, 0},
};

int main(int argc, char **argv)
{
	struct sink k = {.tls = SINK_IMPLICIT,
			 .log = -1,
			 .extensions = SINK_PIPELINING | SINK_CHUNKING | SINK_SIZE | SINK_8BITMIME,
			 .auth = "PLAIN LOGIN"};
	const char *address = "127.0.0.1", *port_file = NULL, *cert = NULL, *key = NULL;
	unsigned port = 0;
	bool good = true;
	int opt;
	while (good && (opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case O_LISTEN: address = optarg; break;
		case O_PORT_FILE: port_file = optarg; break;
		case O_CERT: cert = optarg; break;
		case O_KEY: key = optarg; break;
		case O_TLS:
			k.tls = strcmp(optarg, "none") == 0	  ? SINK_PLAIN
				: strcmp(optarg, "starttls") == 0 ? SINK_STARTTLS
								  : SINK_IMPLICIT;
			break;
		case O_EXTENSIONS: good = parse_extensions(optarg, &k.extensions); break;
		case O_AUTH:
			for (char *p = optarg; (p = strchr(p, ',')); p++)
				*p = ' ';
			k.auth = optarg;
			break;
		case O_LOG: k.log = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600); break;
		case O_LAX: k.lax = true; break;
		case O_PARENT: prctl(PR_SET_PDEATHSIG, SIGTERM); break;
		default: good = false;
		}
	}
	if (!good || optind != argc || !port_file) {
		fputs(usage, stderr);
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	if (!load_tls(&k, cert, key))
		return 1;
	int s = listen_on(address, &port);
	if (s < 0 || !publish(port_file, port)) {
		perror("fast_sink");
		return 1;
	}
	accept_all(&k, s);
	return 0;
}
