/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/outlet.h"

#include "base/xalloc.h"

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Configuration and command line are the same for all messages, so accounts of one name differ in what is made from the
 * message only: the sender, and names in domain. */
static struct outlet *find(struct outlets *o, const struct account *a)
{
	for (size_t i = 0; i < o->n; i++)
		if (strcmp(o->v[i].account->name, a->name) == 0 &&
		    same_text(account_str(o->v[i].account, OPT_DOMAIN), account_str(a, OPT_DOMAIN)))
			return &o->v[i];
	return NULL;
}

static struct account *copy_account(const struct account *from)
{
	struct account *a = account_new(from->name, from->flavour, from->environ);
	account_merge(a, from);
	a->defined = from->defined;
	return a;
}

void outlets_init(struct outlets *o, const struct runtime *runtime,
		  void (*listen)(void *arg, struct delivery_request *req), void *arg)
{
	*o = (struct outlets){.runtime = runtime, .listen = listen, .arg = arg};
}

struct outlet *outlets_find(struct outlets *o, const struct account *a)
{
	struct outlet *outlet = find(o, a);
	if (outlet)
		return outlet;
	GROW(o->v, o->n, o->cap);
	outlet = &o->v[o->n++];
	*outlet = (struct outlet){.account = copy_account(a)};
	struct delivery_request req =
		delivery_request_make(o->runtime, outlet->account, (struct delivery_task){.kind = DELIVERY_SEND});
	if (o->listen)
		o->listen(o->arg, &req);
	outlet->transport = transport_new(&req);
	return outlet;
}

void outlets_hang_up(struct outlets *o)
{
	for (size_t i = 0; i < o->n; i++)
		transport_hang_up(o->v[i].transport);
}

void outlets_release(struct outlets *o)
{
	for (size_t i = 0; i < o->n; i++) {
		transport_free(o->v[i].transport);
		account_free(o->v[i].account);
	}
	free(o->v);
	*o = (struct outlets){.runtime = o->runtime};
}
