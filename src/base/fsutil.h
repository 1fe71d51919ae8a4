/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fsutil: reading files completely, checking who can read them, temporary files. */
#ifndef BASE_FSUTIL_H
#define BASE_FSUTIL_H

#include "base/clock.h"
#include "base/error.h"
#include "base/strbuf.h"

/* Appends everything that can be read from fd, waiting if fd is blocking.  ERROR_IO if there are more than limit
 * bytes or reading fails; out is unchanged then.  The error's text does not name the file: the caller adds that. */
bool fs_read_fd(int fd, struct strbuf *out, size_t limit, struct error *err) MUST_CHECK;
/*
 * Opens /dev/null as standard input, output and error where the caller closed them, so that no file or connection
 * opened later gets one of these numbers: what is printed would be sent to a server.  Reading this input, or writing to
 * this output, fails with EBADF as before.  To be called before anything else is opened.  False: not possible.
 */
bool fs_open_standard(void) MUST_CHECK;
/* Reads a pipe or socket to its end, at most limit bytes and ms milliseconds, and forgets what it reads. */
void fs_drain_pipe(int fd, size_t limit, msec_t ms, const struct clock *clock);
/* Opens a file that a setting names, to read it.  A pipe or a device, which could make us wait for ever or never end,
 * is refused, except /dev/null, which is an empty file.  -1 with ERROR_FILE_MISSING: "cannot read the WHAT PATH: ...".
 */
int fs_open_regular(const char *path, const char *what, struct error *err);
/* Is this what fs_open_regular() accepts? */
bool fs_is_regular(int fd);
/*
 * Checks the open descriptor of a file with a secret inside: it must be a regular file that belongs to us or to root
 * and gives no permission to group or others.  ERROR_CONFIG names the file, what is wrong, and the chmod or chown
 * that fixes it.
 */
bool fs_private_fd(int fd, const char *name, struct error *err) MUST_CHECK;
/*
 * The same for a file that the administrator may have made for a group: owned by root it may be readable for its group,
 * and with *open_to_all not NULL for all, which is noted there.  It is refused if others than root can write it.
 */
bool fs_admin_fd(int fd, const char *name, bool *open_to_all, struct error *err) MUST_CHECK;
/*
 * Where unnamed temporary files come from; replaceable by tests.  open returns a descriptor to read and write, or -1
 * with err.
 */
struct temp_files {
	int (*open)(const struct temp_files *temp, struct error *err);
	const char *folder; /* $TMPDIR or NULL */
};
/* The open of the program: an unlinked file made with O_TMPFILE in temp->folder if that is absolute, else /var/tmp,
 * else /tmp; with mkstemp and unlink where O_TMPFILE is not supported.  Mode 0600, close-on-exec.  -1 with
 * ERROR_CANNOT_CREATE naming the folders tried. */
int fs_temp_open(const struct temp_files *temp, struct error *err);

/* A file without a name that is in memory only, close-on-exec: memfd_create(2), elsewhere shm_open(3).  -1 with errno.
 * name: letters, for whoever looks at the process. */
int fs_memory_file(const char *name);

/* Writes all of it to a blocking descriptor.  False with errno. */
bool fs_write_all(int fd, struct span octets) MUST_CHECK;
/* Appends a line with the name and the state (inode, size, times) of a file, never its content, which may be a secret.
 */
void fs_add_state(struct strbuf *out, const char *path);

/* The name path as it is meant in the file of that name: a relative one is beside it.  malloc'ed. */
MUST_CHECK char *fs_beside(const char *file, const char *path);

#endif
