/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loading all of the system's CAs takes longer than the rest of a submission, and only one of them is needed.  So a
 * large bundle is not loaded until the peer's chain is known; then only the CAs that issued a certificate of the
 * chain are imported.  If the certificate is accepted, that result is final: more CAs could not change it.  If it is
 * not accepted, tls_verify.c loads the complete store and checks again, so that errors do not depend on this
 * optimisation.
 */
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "tls/ca_bundle.h"
#include "tls/tls_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Where distributions keep all CAs in one file: Debian (also the default of its GnuTLS), Fedora, SUSE.  If none
 * exists, GnuTLS loads the system's store completely. */
static const char *const known_bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
};

struct mapping {
	void *at;
	size_t len;
};

static void mapping_release(struct mapping *m)
{
	if (m->at)
		(void)munmap(m->at, m->len);
}

static struct span mapping_span(const struct mapping *m)
{
	return m->at ? span_make(m->at, m->len) : span_make("", 0);
}

/* Returns an empty mapping if fd is not a regular file.  The size is read again, because the file may have changed
 * since it was opened. */
static struct mapping map_file(int fd)
{
	struct mapping m = {NULL, 0};
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return m;
	void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at != MAP_FAILED)
		m = (struct mapping){at, (size_t)st.st_size};
	return m;
}

static int open_bundle(const char *name)
{
	return open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static int open_system_bundle(const struct tls_loading *loading)
{
	if (loading->system_bundle)
		return open_bundle(loading->system_bundle);
	for (size_t i = 0; i < ARRAY_SIZE(known_bundles); i++) {
		int fd = open_bundle(known_bundles[i]);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

/* One read is enough for every usual bundle. */
static bool has_certificate(int fd)
{
	char start[4096];
	ssize_t n = pread(fd, start, sizeof(start), 0);
	if (n > 0 && ca_bundle_has_certificate(span_make(start, (size_t)n)))
		return true;
	AUTO(mapping) m = map_file(fd);
	return ca_bundle_has_certificate(mapping_span(&m));
}

static int load_file_or_directory(struct tls_context *ctx, const char *name)
{
	struct stat st;
	if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
		return gnutls_certificate_set_x509_trust_dir(ctx->cred, name, GNUTLS_X509_FMT_PEM);
	return gnutls_certificate_set_x509_trust_file(ctx->cred, name, GNUTLS_X509_FMT_PEM);
}

/* The files and directories that are trusted besides: few CAs, so all are loaded. */
static bool load_added(struct tls_context *ctx, struct error *err)
{
	const struct strvec *names = ctx->policy.trust_add;
	for (size_t i = 0; names && i < names->n; i++) {
		struct stat st;
		const char *name = names->v[i];
		if (stat(name, &st) < 0 || !S_ISDIR(st.st_mode)) {
			AUTO_FD int fd = fs_open_regular(name, _("CA file"), err);
			if (fd < 0)
				return false;
		}
		int n = load_file_or_directory(ctx, name);
		if (n <= 0)
			return error_set(err, ERROR_FILE_MISSING,
					 _("no CA certificate could be read from %s, which tls_trust_add names: %s"),
					 name, n < 0 ? gnutls_strerror(n) : _("it contains none"));
	}
	return true;
}

static bool prepare_file(struct tls_context *ctx, const struct tls_loading *loading, struct error *err)
{
	const char *name = ctx->policy.trust_file;
	struct stat st;
	AUTO_FD int fd = open_bundle(name);
	if (fd < 0 || fstat(fd, &st) != 0) {
		(void)error_set_errno(err, ERROR_FILE_MISSING, errno, _("cannot read the CA file %s"), name);
		error_hint(err, _("Without tls_trust_file the system's CAs are used."));
		return false;
	}
	if (!S_ISDIR(st.st_mode) && !fs_is_regular(fd))
		return error_set(err, ERROR_FILE_MISSING, _("cannot read the %s %s: it is not a regular file"),
				 _("CA file"), name);
	bool by_need = loading->how == TLS_LOAD_BY_NEED ||
		       (loading->how == TLS_LOAD_AS_USUAL && st.st_size > TLS_SMALL_BUNDLE);
	if (S_ISREG(st.st_mode) && by_need && has_certificate(fd)) {
		ctx->bundle_fd = steal_fd(&fd);
		return true;
	}
	return tls_trust_load_full(ctx, err);
}

bool tls_trust_prepare(struct tls_context *ctx, const struct tls_loading *loading, struct error *err)
{
	if (!tls_verdict_asks_cas(&ctx->policy)) {
		ctx->trust = TRUST_NONE_NEEDED;
		return true;
	}
	ctx->trust = TRUST_BY_NEED;
	if (!load_added(ctx, err))
		return false;
	if (ctx->policy.trust_file)
		return prepare_file(ctx, loading, err);
	ctx->system_file = loading->system_bundle;
	if (loading->how != TLS_LOAD_FULL)
		ctx->bundle_fd = open_system_bundle(loading);
	return ctx->bundle_fd >= 0 || tls_trust_load_full(ctx, err);
}

bool tls_trust_load_full(struct tls_context *ctx, struct error *err)
{
	if (ctx->trust == TRUST_FULL)
		return true;
	const char *name = ctx->policy.trust_file ? ctx->policy.trust_file : ctx->system_file;
	int n = name ? load_file_or_directory(ctx, name) : gnutls_certificate_set_x509_system_trust(ctx->cred);
	ctx->full_loads++;
	if (n > 0) {
		ctx->trust = TRUST_FULL;
		return true;
	}
	/* GnuTLS returns 0, not an error, if there was nothing to load. */
	const char *why = n < 0 ? gnutls_strerror(n) : _("it contains none");
	if (name) {
		(void)error_set(err, ERROR_FILE_MISSING, _("no CA certificate could be read from %s: %s"), name, why);
		error_hint(err, _("Without tls_trust_file the system's CAs are used."));
		return false;
	}
	(void)error_set(err, ERROR_FILE_MISSING, _("no CA certificate could be read from the system's store: %s"), why);
	error_hint(err, _("Install the system's CA certificates (Debian: apt install ca-certificates), or name a file "
			  "with tls_trust_file."));
	return false;
}

/* The CAs found so far; they are passed to GnuTLS together. */
struct import {
	gnutls_x509_crt_t *crt;
	size_t n, cap;
};

static void import_one(void *arg, struct span pem)
{
	struct import *im = arg;
	gnutls_x509_crt_t crt;
	gnutls_datum_t datum = {(unsigned char *)pem.ptr, (unsigned)pem.len};
	if (gnutls_x509_crt_init(&crt) < 0)
		xalloc_die();
	if (gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_PEM) < 0) {
		gnutls_x509_crt_deinit(crt);
		return;
	}
	GROW(im->crt, im->n, im->cap);
	im->crt[im->n++] = crt;
}

static void import_release(struct import *im)
{
	for (size_t i = 0; i < im->n; i++)
		gnutls_x509_crt_deinit(im->crt[i]);
	free(im->crt);
}

static bool issuer_of(const gnutls_datum_t *der, gnutls_datum_t *issuer)
{
	gnutls_x509_crt_t crt;
	if (gnutls_x509_crt_init(&crt) < 0)
		xalloc_die();
	bool ok = gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) >= 0 &&
		  gnutls_x509_crt_get_raw_issuer_dn(crt, issuer) >= 0;
	gnutls_x509_crt_deinit(crt);
	return ok;
}

#define CHAIN_LIMIT 16 /* the longest chain that GnuTLS verifies */

void tls_trust_add_issuers(struct tls_context *ctx, const gnutls_datum_t *chain, unsigned n)
{
	gnutls_datum_t issuers[CHAIN_LIMIT];
	struct span wanted[CHAIN_LIMIT];
	size_t found = 0;
	for (unsigned i = 0; i < n && found < CHAIN_LIMIT; i++) {
		if (!issuer_of(&chain[i], &issuers[found]))
			continue;
		wanted[found] = span_make((const char *)issuers[found].data, issuers[found].size);
		found++;
	}
	AUTO(mapping) m = map_file(ctx->bundle_fd);
	AUTO(import) im = {NULL, 0, 0};
	(void)ca_bundle_find(mapping_span(&m), wanted, found, import_one, &im);
	/* GnuTLS copies the certificates into its list. */
	if (im.n)
		(void)gnutls_certificate_set_x509_trust(ctx->cred, im.crt, (int)im.n);
	for (size_t i = 0; i < found; i++)
		gnutls_free(issuers[i].data);
}
