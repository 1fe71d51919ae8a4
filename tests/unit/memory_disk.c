/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memory_disk.h"

#include "base/xalloc.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define FIRST_FD 5000

static void die(const char *what)
{
	(void)fprintf(stderr, "memory_disk: %s\n", what);
	abort();
}

static struct memory_disk *disk_of(const struct spool_ops *ops)
{
	return (struct memory_disk *)(uintptr_t)ops;
}

static int fail(int errnum)
{
	errno = errnum;
	return -1;
}

/* ---- names ---------------------------------------------------------- */

static struct disk_name *find(struct disk_name *names, size_t n, int folder, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].folder == folder && strcmp(names[i].name, name) == 0)
			return &names[i];
	return NULL;
}

static void set_name(struct disk_name *names, size_t *n, const struct disk_name *to)
{
	struct disk_name *there = find(names, *n, to->folder, to->name);
	if (to->inode < 0) {
		if (there)
			*there = names[--*n];
	} else if (there) {
		there->inode = to->inode;
	} else {
		if (*n == DISK_NAMES)
			die("too many names");
		names[(*n)++] = *to;
	}
}

static void apply(struct disk_name *names, size_t *n, const struct disk_change *change)
{
	if (change->gone.name[0])
		set_name(names, n, &change->gone);
	if (change->come.name[0])
		set_name(names, n, &change->come);
}

static struct disk_name name_of(int folder, const char *name, int inode)
{
	struct disk_name made = {.folder = folder, .inode = inode};
	if ((size_t)snprintf(made.name, sizeof(made.name), "%s", name) >= sizeof(made.name))
		die("name too long");
	return made;
}

static void change(struct memory_disk *disk, struct disk_change made)
{
	apply(disk->names, &disk->n_names, &made);
	if (disk->n_pending == DISK_PENDING)
		die("too much pending");
	disk->pending[disk->n_pending++] = made;
	if (disk->changed)
		disk->changed(disk);
}

static bool same(const struct disk_name *a, const struct disk_name *b)
{
	return a->name[0] && a->folder == b->folder && strcmp(a->name, b->name) == 0;
}

static void drop(struct memory_disk *disk, size_t i)
{
	memmove(&disk->pending[i], &disk->pending[i + 1], (disk->n_pending - i - 1) * sizeof(disk->pending[0]));
	disk->n_pending--;
}

/* Folder and all: what reaches the disk ends what an earlier change said of the same names. */
static void sync_folder(struct memory_disk *disk, int folder)
{
	for (size_t i = 0; i < disk->n_pending;) {
		struct disk_change made = disk->pending[i];
		if ((made.come.name[0] ? made.come.folder : made.gone.folder) != folder) {
			i++;
			continue;
		}
		apply(disk->durable, &disk->n_durable, &made);
		drop(disk, i);
		for (size_t earlier = 0; earlier < i;) {
			struct disk_change *old = &disk->pending[earlier];
			if (!old->gone.name[0] && (same(&old->come, &made.gone) || same(&old->come, &made.come))) {
				drop(disk, earlier);
				i--;
			} else {
				earlier++;
			}
		}
	}
}

/* ---- inodes and descriptors -------------------------------------------- */

static int new_inode(struct memory_disk *disk, bool folder)
{
	if (disk->n_inodes == DISK_INODES)
		die("too many inodes");
	struct disk_inode *inode = &disk->inodes[disk->n_inodes];
	*inode = (struct disk_inode){.folder = folder, .data = STRBUF_INIT, .synced = STRBUF_INIT};
	return (int)disk->n_inodes++;
}

static int inode_of(struct memory_disk *disk, int fd)
{
	if (fd < FIRST_FD || fd >= FIRST_FD + DISK_FDS || disk->fds[fd - FIRST_FD].inode < 0)
		die("bad descriptor");
	return disk->fds[fd - FIRST_FD].inode;
}

static int new_fd(struct memory_disk *disk, int inode)
{
	for (int i = 0; i < DISK_FDS; i++)
		if (disk->fds[i].inode < 0) {
			disk->fds[i].inode = inode;
			return FIRST_FD + i;
		}
	die("too many descriptors");
	return -1;
}

/* The folder a path's last part is in, and that part; -1: there is none. */
static int walk(struct memory_disk *disk, int dir, const char *path, char *last)
{
	int folder = dir == AT_FDCWD ? 0 : inode_of(disk, dir);
	if (dir == AT_FDCWD && *path++ != '/')
		die("relative path");
	for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
		AUTO_FREE char *part = xmemdup0(path, (size_t)(slash - path));
		struct disk_name *name = find(disk->names, disk->n_names, folder, part);
		if (!name)
			return -1;
		folder = name->inode;
	}
	(void)snprintf(last, 40, "%s", path);
	return folder;
}

/* ---- operations -------------------------------------------------------- */

static int disk_openat(const struct spool_ops *ops, int dir, const char *path, int flags, mode_t mode)
{
	struct memory_disk *disk = disk_of(ops);
	char last[40];
	int folder = walk(disk, dir, path, last);
	if (folder < 0)
		return fail(ENOENT);
	if (!last[0])
		return new_fd(disk, 0);
	struct disk_name *name = find(disk->names, disk->n_names, folder, last);
	if (name)
		return (flags & O_EXCL) ? fail(EEXIST) : new_fd(disk, name->inode);
	if (!(flags & O_CREAT))
		return fail(ENOENT);
	if ((mode != 0600 && mode != 0400) || !(flags & O_EXCL))
		die("a file is to be made for its owner alone, and not for others");
	int inode = new_inode(disk, false);
	disk->inodes[inode].mode = mode;
	int fd = new_fd(disk, inode);
	change(disk, (struct disk_change){.come = name_of(folder, last, inode)});
	return fd;
}

static int disk_mkdirat(const struct spool_ops *ops, int dir, const char *path, mode_t mode)
{
	struct memory_disk *disk = disk_of(ops);
	char last[40];
	int folder = walk(disk, dir, path, last);
	if (folder < 0)
		return fail(ENOENT);
	if (find(disk->names, disk->n_names, folder, last))
		return fail(EEXIST);
	if (mode != 0700)
		die("a folder is to be made for its owner alone");
	int inode = new_inode(disk, true);
	change(disk, (struct disk_change){.come = name_of(folder, last, inode)});
	return 0;
}

static ssize_t disk_write(const struct spool_ops *ops, int fd, const void *data, size_t len)
{
	struct memory_disk *disk = disk_of(ops);
	struct disk_inode *inode = &disk->inodes[inode_of(disk, fd)];
	strbuf_add(&inode->data, data, len); /* all our files are written from start to end */
	inode->dirty = true;
	if (disk->changed)
		disk->changed(disk);
	return (ssize_t)len;
}

static ssize_t disk_pread(const struct spool_ops *ops, int fd, void *data, size_t len, off_t offset)
{
	struct memory_disk *disk = disk_of(ops);
	const struct strbuf *from = &disk->inodes[inode_of(disk, fd)].data;
	size_t at = (size_t)offset < from->len ? (size_t)offset : from->len;
	size_t n = from->len - at < len ? from->len - at : len;
	n = n > 7 ? 7 : n; /* odd portions */
	memcpy(data, from->buf + at, n);
	return (ssize_t)n;
}

static int disk_fsync(const struct spool_ops *ops, int fd)
{
	struct memory_disk *disk = disk_of(ops);
	int number = inode_of(disk, fd);
	struct disk_inode *inode = &disk->inodes[number];
	if (inode->folder) {
		sync_folder(disk, number);
	} else {
		strbuf_reset(&inode->synced);
		strbuf_add_span(&inode->synced, strbuf_span(&inode->data));
		inode->dirty = false;
	}
	if (disk->changed)
		disk->changed(disk);
	return 0;
}

static int disk_renameat(const struct spool_ops *ops, int from_dir, const char *from, int to_dir, const char *to)
{
	struct memory_disk *disk = disk_of(ops);
	int source = inode_of(disk, from_dir), target = inode_of(disk, to_dir);
	struct disk_name *name = find(disk->names, disk->n_names, source, from);
	if (!name)
		return fail(ENOENT);
	change(disk, (struct disk_change){name_of(source, from, -1), name_of(target, to, name->inode)});
	return 0;
}

static int disk_unlinkat(const struct spool_ops *ops, int dir, const char *name)
{
	struct memory_disk *disk = disk_of(ops);
	int folder = inode_of(disk, dir);
	if (!find(disk->names, disk->n_names, folder, name))
		return fail(ENOENT);
	change(disk, (struct disk_change){.gone = name_of(folder, name, -1)});
	return 0;
}

static int disk_fstat(const struct spool_ops *ops, int fd, struct stat *st)
{
	struct memory_disk *disk = disk_of(ops);
	int number = inode_of(disk, fd);
	const struct disk_inode *inode = &disk->inodes[number];
	*st = (struct stat){.st_ino = (ino_t)number + 1,
			    .st_uid = geteuid(),
			    .st_mode = inode->folder ? S_IFDIR | 0700 : S_IFREG | inode->mode};
	st->st_size = (off_t)inode->data.len;
	for (size_t i = 0; i < disk->n_names; i++)
		st->st_nlink += disk->names[i].inode == number;
	return 0;
}

static bool disk_is_locked(const struct spool_ops *ops, int fd)
{
	struct memory_disk *disk = disk_of(ops);
	const struct disk_inode *inode = &disk->inodes[inode_of(disk, fd)];
	return inode->locked_by && inode->locked_by != fd;
}

static int disk_lock(const struct spool_ops *ops, int fd)
{
	struct memory_disk *disk = disk_of(ops);
	if (disk_is_locked(ops, fd))
		return fail(EAGAIN);
	disk->inodes[inode_of(disk, fd)].locked_by = fd;
	return 0;
}

static int disk_close(const struct spool_ops *ops, int fd)
{
	struct memory_disk *disk = disk_of(ops);
	struct disk_inode *inode = &disk->inodes[inode_of(disk, fd)];
	if (inode->locked_by == fd)
		inode->locked_by = 0;
	disk->fds[fd - FIRST_FD].inode = -1;
	return 0;
}

static int disk_names(const struct spool_ops *ops, int dir, struct strvec *names)
{
	struct memory_disk *disk = disk_of(ops);
	int folder = inode_of(disk, dir);
	for (size_t i = 0; i < disk->n_names; i++)
		if (disk->names[i].folder == folder)
			strvec_push(names, disk->names[i].name);
	return 0;
}

static int64_t disk_wall_ms(const struct clock *clock)
{
	struct memory_disk *disk =
		(struct memory_disk *)(void *)((char *)(uintptr_t)clock - offsetof(struct memory_disk, clock));
	return disk->now_ms++;
}

/* ---- disks ---------------------------------------------------------------- */

struct memory_disk *memory_disk_new(void)
{
	struct memory_disk *disk = xcalloc(1, sizeof(*disk));
	disk->ops =
		(struct spool_ops){disk_openat,	  disk_mkdirat, disk_write, disk_pread,	    disk_fsync, disk_renameat,
				   disk_unlinkat, disk_fstat,	disk_lock,  disk_is_locked, disk_close, disk_names};
	disk->clock.wall_ms = disk_wall_ms;
	for (size_t i = 0; i < DISK_FDS; i++)
		disk->fds[i].inode = -1;
	disk->now_ms = INT64_C(1795262400000);
	(void)new_inode(disk, true); /* "/" */
	return disk;
}

struct spool *memory_disk_spool(struct memory_disk *disk, const char *path, const struct rng *rng, struct error *err)
{
	const struct runtime runtime = {.clock = &disk->clock, .rng = rng, .spool_ops = &disk->ops};
	return spool_open(path, &runtime, err);
}

void memory_disk_free(struct memory_disk *disk)
{
	for (size_t i = 0; i < disk->n_inodes; i++) {
		strbuf_release(&disk->inodes[i].data);
		strbuf_release(&disk->inodes[i].synced);
	}
	free(disk);
}

static void cut_content(const struct disk_inode *from, unsigned contents, struct strbuf *to)
{
	size_t half = from->data.len / 2;
	if (!from->dirty || contents == 0) {
		strbuf_add_span(to, strbuf_span(from->dirty ? &from->synced : &from->data));
	} else if (contents == 1) {
		strbuf_add_span(to, strbuf_span(&from->data));
	} else {
		strbuf_add(to, from->data.buf, half);
		for (size_t i = half; contents == 3 && i < from->data.len; i++)
			strbuf_addch(to, '\0');
	}
}

struct memory_disk *memory_disk_after_cut(const struct memory_disk *disk, unsigned reached, unsigned contents)
{
	struct memory_disk *cut = memory_disk_new();
	cut->now_ms = disk->now_ms;
	for (size_t i = 1; i < disk->n_inodes; i++) {
		int number = new_inode(cut, disk->inodes[i].folder);
		cut->inodes[number].mode = disk->inodes[i].mode;
		cut_content(&disk->inodes[i], contents, &cut->inodes[number].data);
		strbuf_add_span(&cut->inodes[number].synced, strbuf_span(&cut->inodes[number].data));
	}
	memcpy(cut->names, disk->durable, sizeof(cut->names));
	cut->n_names = disk->n_durable;
	for (size_t i = 0; i < disk->n_pending; i++)
		if (reached >> i & 1)
			apply(cut->names, &cut->n_names, &disk->pending[i]);
	memcpy(cut->durable, cut->names, sizeof(cut->durable));
	cut->n_durable = cut->n_names;
	return cut;
}
