/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/device.h"

#include "base/clean_text.h"
#include "base/i18n.h"

#include <poll.h>

#define LIFE_MS ((int64_t)15 * 60 * 1000) /* where the server does not say */
#define LIFE_MAX_MS ((int64_t)60 * 60 * 1000)
#define WAIT_MS 5000	  /* RFC 8628 section 3.2: where the server does not say */
#define SLOW_DOWN_MS 5000 /* section 3.5 */
#define WAIT_MAX_MS ((int64_t)5 * 60 * 1000)
#define TEXT_MAX 2000
#define CODE_MAX 100

void oauth_device_release(struct oauth_device *d)
{
	secret_release(&d->code);
	free(d->user_code);
	free(d->address);
	free(d->address_with_code);
}

/* ---- the code ---- */

static int64_t milliseconds(const struct oauth_reply *reply, const char *name, int64_t otherwise, int64_t most)
{
	long long seconds;
	if (!oauth_reply_number(reply, name, &seconds) || seconds <= 0)
		return otherwise;
	return seconds < most / 1000 ? (int64_t)seconds * 1000 : most;
}

static bool lacks(const char *url, const char *what, struct error *err)
{
	struct span host = oauth_url_host(span_of(url));
	return error_set(err, ERROR_PROTOCOL, _("%.*s answered the request for a device code without a usable \"%s\""),
			 SPAN_FMT(host), what);
}

static char *address_in(const struct oauth_reply *reply, const char *name)
{
	const char *text = oauth_reply_string(reply, name);
	return text && oauth_url_valid(span_of(text)) ? clean_text(span_of(text), TEXT_MAX) : NULL;
}

bool oauth_device_read(struct oauth_device *d, const struct oauth_reply *reply, const char *url, struct error *err)
{
	const char *code = oauth_reply_string(reply, "device_code");
	const char *user_code = oauth_reply_string(reply, "user_code");
	if (!code)
		return lacks(url, "device_code", err);
	if (!user_code)
		return lacks(url, "user_code", err);
	d->address = address_in(reply, "verification_uri");
	if (!d->address)
		d->address = address_in(reply, "verification_url"); /* Google's spelling */
	if (!d->address)
		return lacks(url, "verification_uri", err);
	d->address_with_code = address_in(reply, "verification_uri_complete");
	secret_set(&d->code, code, strlen(code));
	d->user_code = clean_text(span_of(user_code), CODE_MAX);
	d->life_ms = milliseconds(reply, "expires_in", LIFE_MS, LIFE_MAX_MS);
	d->wait_ms = milliseconds(reply, "interval", WAIT_MS, WAIT_MAX_MS);
	return true;
}

static bool request_code(const struct oauth_settings *s, const struct oauth_network *network, msec_t patience,
			 struct oauth_device *d, struct error *err)
{
	AUTO(secret) form = SECRET_INIT;
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	const char *url = s->value[OAUTH_DEVICE_URL].text, *scope = s->value[OAUTH_SCOPE].text;
	const struct clock *clock = network->runtime->clock;
	struct oauth_network once = *network;
	once.deadline = deadline_in(clock, patience);
	if (scope)
		oauth_form_add(&form, "scope", span_of(scope));
	if (!oauth_settings_post(s, &once, url, &form, &reply, err))
		return false;
	const struct oauth_question question = {.purpose = OAUTH_FOR_DEVICE,
						.settings = s,
						.url = url,
						.asked_ms = clock_wall_ms(clock),
						.now_ms = clock_wall_ms(clock)};
	return oauth_answer_check(&reply, &question, err) && oauth_device_read(d, &reply, url, err);
}

static void show_code(const struct oauth_device *d, const struct oauth_console *console)
{
	AUTO(strbuf) text = STRBUF_INIT;
	strbuf_addf(&text,
		    _("To log in, open this address in a browser, on this device or another one:\n\n%s\n\n"
		      "and enter this code there:\n\n%s\n\n"),
		    d->address, d->user_code);
	console->say(console->arg, text.buf);
	oauth_console_show_qr(console, d->address_with_code ? d->address_with_code : d->address);
	strbuf_reset(&text);
	unsigned long minutes = (unsigned long)((d->life_ms + 59999) / 60000);
	strbuf_addf(&text,
		    Q_("Waiting for the login. The code expires in %lu minute.\n",
		       "Waiting for the login. The code expires in %lu minutes.\n", minutes),
		    minutes);
	console->say(console->arg, text.buf);
}

/* ---- waiting ---- */

struct poll_state {
	const struct oauth_settings *settings;
	struct oauth_network network;
	const struct oauth_device *device;
	msec_t end, patience;
	int64_t wait_ms;
};

static bool expired(const struct oauth_settings *s, struct error *err)
{
	(void)error_set(err, ERROR_AUTH_REFUSED, "%s", _("the code expired before it was used to log in"));
	error_hint(err, _("Run %s --login=%s again, and enter the new code in time."), PACKAGE,
		   oauth_settings_title(s));
	return false;
}

static bool ask_once(struct poll_state *p, enum oauth_answer *answer, struct oauth_grant *grant, struct error *err)
{
	AUTO(secret) form = SECRET_INIT;
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	const struct clock *clock = p->network.runtime->clock;
	struct oauth_question question = {.purpose = OAUTH_FOR_DEVICE,
					  .settings = p->settings,
					  .url = p->settings->value[OAUTH_TOKEN_URL].text,
					  .asked_ms = clock_wall_ms(clock)};
	p->network.deadline = deadline_in(clock, p->patience);
	oauth_form_add(&form, "grant_type", SPAN_LIT("urn:ietf:params:oauth:grant-type:device_code"));
	oauth_form_add(&form, "device_code", secret_reveal(&p->device->code));
	if (!oauth_settings_post(p->settings, &p->network, question.url, &form, &reply, err))
		return false;
	question.now_ms = clock_wall_ms(clock);
	*answer = oauth_answer_read(&reply, &question, grant, err);
	return *answer != OAUTH_ANSWER_LOGIN_NEEDED && *answer != OAUTH_ANSWER_FAILED;
}

/* A server that could not be reached may be reached the next time, and is to be asked less often (RFC 8628 section
 * 3.5). */
static bool may_clear(const struct error *err)
{
	return error_kind_disposition(err->status.kind) == DISPOSITION_RETRY;
}

static bool wait_for_user(struct poll_state *p, struct oauth_grant *grant, struct error *err)
{
	const struct clock *clock = p->network.runtime->clock;
	enum oauth_answer answer = OAUTH_ANSWER_PENDING;
	for (;;) {
		msec_t next = deadline_in(clock, p->wait_ms);
		if (next > p->end)
			return err->status.kind != ERROR_NONE ? false : expired(p->settings, err);
		while (clock_monotonic(clock) < next)
			(void)poll(NULL, 0, deadline_poll_ms(clock, next));
		error_release(err);
		bool ok = ask_once(p, &answer, grant, err);
		if (!ok && !may_clear(err))
			return false;
		if (ok && answer == OAUTH_ANSWER_TOKEN)
			return true;
		if (!ok)
			p->wait_ms *= 2;
		else if (answer == OAUTH_ANSWER_SLOW_DOWN)
			p->wait_ms += SLOW_DOWN_MS;
	}
}

bool oauth_device_login(const struct oauth_settings *s, const struct oauth_network *network,
			const struct oauth_console *console, struct oauth_grant *grant, struct error *err)
{
	AUTO(oauth_device) device = OAUTH_DEVICE_INIT;
	AUTO(error) failed = ERROR_INIT;
	msec_t begin = clock_monotonic(network->runtime->clock);
	if (!request_code(s, network, console->patience, &device, err))
		return false;
	show_code(&device, console);
	struct poll_state p = {.settings = s,
			       .network = *network,
			       .device = &device,
			       .end = begin + device.life_ms,
			       .patience = console->patience,
			       .wait_ms = device.wait_ms};
	bool ok = wait_for_user(&p, grant, &failed);
	if (!ok)
		error_move(err, &failed);
	return ok;
}
