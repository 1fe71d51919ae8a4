/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * library: a shared library that is loaded when it is first needed.
 *
 * GnuTLS and what it needs take three times as many instructions to load as a message takes that is queued, handed to
 * the service or sent over a session that is open already.  So the program is not linked with it: its functions are
 * members of a struct, found by dlopen() and dlsym(), and a header defines each function's name as its member.
 * configure --disable-lazy-libraries links the libraries as usual, and there are no such structs.
 *
 * The name of the file (soname) is that of the library the program was built with, so that another ABI is never loaded.
 * LIBRARY_DEFINE() writes it into the program for those who make packages (the UAPI group's "dlopen metadata").
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include "base/error.h"

#include <stdint.h>

#ifdef LAZY_LIBRARIES

struct library {
	const char *name;	    /* for people: "GnuTLS" */
	const char *soname;	    /* "libgnutls.so.30" */
	const char *const *symbols; /* the names of the members, in their order */
	size_t count;
	void *members; /* the struct: pointers only, `count` of them */
	bool loaded;
};

/* Loads it unless it is loaded.  False with ERROR_SYSTEM if it, or a symbol of it, is missing. */
bool library_load(struct library *library, struct error *err) MUST_CHECK;
/* The same for callers that cannot report an error: ends the process with EX_OSERR and says why, as the dynamic
 * linker would have done.  Whatever can report calls library_load() first. */
void library_require(struct library *library);

/* For the lists of names. */
#define LIBRARY_SYMBOL(name) #name,
#define LIBRARY_MEMBER(name) __typeof__(&(name)) name;

/* In the header of a library, after the struct of its members: gnutls_lazy() and its kin return it, loaded. */
#define LIBRARY_DECLARE(base)                                        \
	extern struct library base##_library;                        \
	extern struct base##_members base##_members;                 \
	static inline const struct base##_members *base##_lazy(void) \
	{                                                            \
		if (!base##_library.loaded)                          \
			library_require(&base##_library);            \
		return &base##_members;                              \
	}

/* In its source file, after `names`, the list of symbols. */
#define LIBRARY_DEFINE(base, title, file, feature, use)                                  \
	struct base##_members base##_members;                                            \
	struct library base##_library = {.name = (title),                                \
					 .soname = (file),                               \
					 .symbols = names,                               \
					 .count = ARRAY_SIZE(names),                     \
					 .members = &base##_members};                    \
	_Static_assert(sizeof(base##_members) == sizeof(names), "a name has no member"); \
	LIBRARY_NOTE("[{\"feature\":\"" feature "\",\"description\":\"" use              \
		     "\",\"priority\":\"required\",\"soname\":[\"" file "\"]}]")

#define LIBRARY_NOTE(json)                            \
	static const struct {                         \
		uint32_t owner_size, text_size, type; \
		char owner[4];                        \
		char text[sizeof(json)];              \
	} note __attribute__((used, section(".note.dlopen"), aligned(4))) = {4, sizeof(json), 0x407c0c0a, "FDO", json}

/* gnutls_load() and its kin, for callers that report. */
#define LIBRARY_LOAD(base)                                 \
	static inline bool base##_load(struct error *err)  \
	{                                                  \
		return library_load(&base##_library, err); \
	}

#else

#define LIBRARY_LOAD(base)                                \
	static inline bool base##_load(struct error *err) \
	{                                                 \
		(void)err;                                \
		return true;                              \
	}

#endif
#endif
