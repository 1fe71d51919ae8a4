/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runtime: what a process gets from outside: its environment, the time, random numbers, name servers, files, rights.
 *
 * main.c builds the program's from the system's; tests build their own.  Nothing else in src reads the environment or
 * names one of the system's implementations (tests/cli/house.sh).
 */
#ifndef BASE_RUNTIME_H
#define BASE_RUNTIME_H

#include "base/clock.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fsutil.h"

struct passed_secrets;
struct resolver;
struct sandbox_ops;
struct spool_ops;
struct srv_dns;
struct strvec;

/* Programs of ours that this one starts: their paths, NULL for one that there is not. */
struct helpers {
	const char *keyring; /* asks the keyring */
	const char *dns;     /* asks the DNS for signed answers */
	const char *http;    /* asks OAuth2 servers */
	const char *qr;	     /* makes QR codes */
};
/* The files with the providers of OAuth2 (oauth/provider.h): the package's and the administrator's; NULL for one that
 * there is not. */
struct provider_files {
	const char *package, *system;
};

struct runtime {
	char *const *environ;
	const char *executed; /* path of the program file, as it was given to execve(); NULL: not known */
	/* The file of this program, to start it once more in the background (base/self_start.h). */
	const char *self;
	const struct clock *clock;
	const struct rng *rng;
	const struct resolver *resolver;   /* host names (net/resolve.h) */
	const struct srv_dns *dns;	   /* service records (dns/srv.h) */
	const struct spool_ops *spool_ops; /* the queue's files (queue/spool_ops.h) */
	const struct temp_files *temp;
	/* It runs with rights that its caller lacks (set-user-ID, set-group-ID, capabilities): nothing is read from or
	 * written to places the caller names, and no other program gets these rights. */
	bool privileged;
	/* How processes that serve others give up rights (base/sandbox.h); NULL: they do not. */
	const struct sandbox_ops *sandbox;
	struct helpers helpers;
	struct provider_files providers;
	int input; /* descriptor of the message */
	/* What was read from the descriptors of password_fd; NULL: each can be read once only. */
	struct passed_secrets *passed;
	/* What child processes write to standard error is kept, to be shown with the result; else they share ours. */
	bool keeps_helper_errors;
	/* queue_dir of the configuration, malloc'ed, or NULL: it is not set.  The function may be NULL, too. */
	char *(*queue_dir)(const struct runtime *runtime);
	const void *queue_dir_arg;
	/* Has the queue's runner started by a process that has given up no rights; false: that one has gone.  NULL:
	 * this process starts it (runner/spawn.h). */
	bool (*wake_runner)(void);
	/* Gets the names of the variables of the environment that configuration files name; NULL: they are not needed.
	 */
	struct strvec *variables;
	/* Shows the user a problem that does not stop the work; NULL: problems are not shown. */
	void (*problem)(const struct runtime *runtime, const struct error *err);
	/* Shows a user at a terminal why the work takes long; NULL: there is none. */
	void (*delay)(const struct runtime *runtime, const char *why);
};

static inline const char *runtime_env(const struct runtime *runtime, const char *name)
{
	return env_get(runtime->environ, name);
}

static inline void runtime_problem(const struct runtime *runtime, const struct error *err)
{
	if (runtime->problem)
		runtime->problem(runtime, err);
}

static inline void runtime_delay(const struct runtime *runtime, const char *why)
{
	if (runtime->delay)
		runtime->delay(runtime, why);
}

#endif
