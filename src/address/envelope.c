/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "address/envelope.h"

#include "base/xalloc.h"
#include "address/address.h"

#define ENVID_MAX 100

void mail_address_release(struct mail_address *address)
{
	free(address->given);
	free(address->ascii);
	*address = (struct mail_address){NULL, NULL};
}

struct mail_address mail_address_copy(const struct mail_address *address)
{
	return (struct mail_address){xstrdup_null(address->given), xstrdup_null(address->ascii)};
}

void mail_options_release(struct mail_options *mail)
{
	mail_address_release(&mail->sender);
	free(mail->envid);
	free(mail->params.auth);
	*mail = MAIL_OPTIONS_INIT;
}

void mail_options_copy(struct mail_options *to, const struct mail_options *from)
{
	struct mail_options made = *from;
	made.sender = mail_address_copy(&from->sender);
	made.envid = xstrdup_null(from->envid);
	made.params.auth = xstrdup_null(from->params.auth);
	mail_options_release(to);
	*to = made;
}

static void release_refusal(struct recipient *rcpt)
{
	if (rcpt->refused)
		status_release(rcpt->refused);
	free(rcpt->refused);
	rcpt->refused = NULL;
}

static void recipient_release(struct recipient *rcpt)
{
	mail_address_release(&rcpt->address);
	free(rcpt->orcpt);
	rcpt->orcpt = NULL;
	release_refusal(rcpt);
}

void recipient_refuse(struct recipient *rcpt, struct status *why)
{
	release_refusal(rcpt);
	rcpt->refused = xcalloc(1, sizeof(*rcpt->refused));
	status_move(rcpt->refused, why);
}

unsigned recipient_notify(const struct recipient *rcpt, const struct mail_options *mail)
{
	return rcpt->notify ? rcpt->notify : mail->notify;
}

unsigned envelope_notify(const struct envelope *env)
{
	unsigned bits = env->mail.notify;
	for (size_t i = 0; i < env->n; i++)
		bits |= env->rcpts[i].notify;
	return bits;
}

size_t envelope_count_open(const struct envelope *env)
{
	size_t open = 0;
	for (size_t i = 0; i < env->n; i++)
		open += !env->rcpts[i].refused;
	return open;
}

bool envelope_envid_check(struct span envid)
{
	size_t xtext = 0; /* what it is long as it is sent: RFC 3461 section 4.4 */
	for (size_t i = 0; i < envid.len; i++) {
		char c = envid.ptr[i];
		if (c < ' ' || c > '~')
			return false;
		xtext += c == ' ' || c == '+' || c == '=' ? 3 : 1;
	}
	return envid.len > 0 && xtext <= ENVID_MAX;
}

void envelope_release(struct envelope *env)
{
	mail_options_release(&env->mail);
	for (size_t i = 0; i < env->n; i++)
		recipient_release(&env->rcpts[i]);
	free(env->rcpts);
	*env = ENVELOPE_INIT;
}

void envelope_add(struct envelope *env, struct mail_address address)
{
	GROW(env->rcpts, env->n, env->cap);
	env->rcpts[env->n++] = (struct recipient){.address = address, .orcpt = NULL};
}

void envelope_move(struct envelope *env, struct recipient *rcpt)
{
	GROW(env->rcpts, env->n, env->cap);
	env->rcpts[env->n++] = *rcpt;
	*rcpt = (struct recipient){.refused = NULL};
}

struct key {
	struct span local, domain;
	size_t index;
};

static int compare_nocase(struct span a, struct span b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		unsigned char x = (unsigned char)ascii_lower(a.ptr[i]), y = (unsigned char)ascii_lower(b.ptr[i]);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return a.len < b.len ? -1 : a.len > b.len;
}

static int compare_case(struct span a, struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
	return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

static int compare_address(const struct key *a, const struct key *b)
{
	int order = compare_case(a->local, b->local);
	if (!order) /* "root@" is no address; "root" is one of this machine */
		order = (a->domain.ptr != NULL) - (b->domain.ptr != NULL);
	return order ? order : compare_nocase(a->domain, b->domain);
}

static int compare_key(const void *pa, const void *pb)
{
	const struct key *a = pa, *b = pb;
	int order = compare_address(a, b);
	return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

/* Sorts instead of using a hash table, which chosen addresses could make slow. */
void envelope_unique(struct envelope *env)
{
	if (env->n < 2)
		return;
	AUTO_FREE struct key *keys = xreallocarray(NULL, env->n, sizeof(*keys));
	AUTO_FREE bool *repeated = xcalloc(env->n, sizeof(*repeated));

	for (size_t i = 0; i < env->n; i++) {
		const struct mail_address *a = &env->rcpts[i].address;
		keys[i].index = i;
		/* The A-label form, where there is one, is the same for all spellings of a domain. */
		address_split(span_of(a->ascii ? a->ascii : a->given), &keys[i].local, &keys[i].domain);
	}
	qsort(keys, env->n, sizeof(*keys), compare_key);
	for (size_t i = 1; i < env->n; i++)
		repeated[keys[i].index] = compare_address(&keys[i - 1], &keys[i]) == 0;

	size_t kept = 0;
	for (size_t i = 0; i < env->n; i++) {
		if (repeated[i])
			recipient_release(&env->rcpts[i]);
		else
			env->rcpts[kept++] = env->rcpts[i];
	}
	env->n = kept;
}
