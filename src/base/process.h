/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * process: what a process asks the system about itself and its children, where systems differ.  What a system lacks is
 * left out, and the comments say what then takes its place.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <sys/types.h>

/* No core files, and no process of the same user may trace this one: a secret in its memory cannot be read.  Where that
 * cannot be forbidden, there are only no core files.  Not in builds with sanitizers, whose leak checker traces. */
void process_hide(void);
/* This process gets the signal when the one that made it ends.  Systems without that let it go on to the end of its
 * work. */
void process_ends_with_parent(int signal_number);
/* No program that it starts gets the rights of another user.  0; -1 where the system has no such thing. */
int process_forbid_new_rights(void);
/* The name that ps(1) shows, where it can be set. */
void process_name(const char *name);

/* Closes all descriptors from this number on, between fork() and exec, too. */
void process_close_from(int first);
/* Has exec close them. */
void process_close_from_on_exec(int first);
/* A descriptor that is readable once the child has ended; -1: there is none, and waitid() is to be asked from time to
 * time. */
int process_end_fd(pid_t child);

#endif
