/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/library.h"

#ifdef LAZY_LIBRARIES

#include "base/i18n.h"
#include "base/xalloc.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static bool missing(const struct library *library, struct error *err)
{
	(void)error_set(err, ERROR_SYSTEM, _("%s cannot be loaded: %s"), library->name, dlerror());
	error_hint(err, _("Install the package that contains %s."), library->soname);
	return false;
}

bool library_load(struct library *library, struct error *err)
{
	if (library->loaded)
		return true;
	/* LAZY: what it binds at once is up to the library; nothing of it is unloaded before the end */
	void *handle = dlopen(library->soname, RTLD_LAZY | RTLD_LOCAL);
	if (!handle)
		return missing(library, err);
	for (size_t i = 0; i < library->count; i++) {
		void *symbol = dlsym(handle, library->symbols[i]);
		if (!symbol)
			return missing(library, err);
		memcpy((char *)library->members + i * sizeof(symbol), &symbol, sizeof(symbol));
	}
	library->loaded = true;
	return true;
}

void library_require(struct library *library)
{
	AUTO(error) err = ERROR_INIT;
	if (library_load(library, &err))
		return;
	AUTO_FREE char *text = xasprintf("posthaste: %s\nhint: %s\n", err.status.text, err.status.hint);
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
	(void)ignored; /* nothing can be done if this fails */
	_exit(EX_OSERR);
}

#endif
