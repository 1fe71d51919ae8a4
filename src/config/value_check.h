/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * value_check: checks values beyond their type.
 *
 * Each function is an option_check_fn: it writes the canonical spelling, or fails with ERROR_CONFIG "expected ...,
 * got ...".  Pure.
 */
#ifndef CONFIG_VALUE_CHECK_H
#define CONFIG_VALUE_CHECK_H

#include "config/option.h"

/* A name or address to connect to: without spaces and not beginning with "-"; or "srv:" and a domain. */
option_check_fn check_host;
/* The numeric address of a name server, with or without "@" and a port. */
option_check_fn check_resolver;
/* The argument of EHLO (RFC 5321 section 4.1.1.1): one word; %-sequences are allowed. */
option_check_fn check_domain;
/* An address, a pattern, or "<>" for the null sender (stored as ""); brackets around an address are removed. */
option_check_fn check_from;
/* 32, 20 or 16 bytes in hex; stored as "AB:CD:...". */
option_check_fn check_fingerprint;
/* "sha256//" and 32 bytes in base64. */
option_check_fn check_pin;
/* off | never | failure,delay,success in any order and case; stored in lower case. */
option_check_fn check_dsn_notify;
/* A keyword of EHLO (RFC 5321 section 4.1.1.1), stored in upper case, or "all". */
option_check_fn check_extension;
/* The name of a file that must stay within its folder: no "/", not "." or "..". */
option_check_fn check_credential;
/* RFC 3461 section 4.4: 1 to 100 printable ASCII characters. */
option_check_fn check_envid;
/* A time as datetime_parse_local() reads it; stored unchanged, because "18:00" is a different time each day. */
option_check_fn check_hold_until;
/* A mailbox, or "<>" (stored as "") if the submitter is not known; brackets around a mailbox are removed. */
option_check_fn check_mail_auth;

/* An address of an OAuth2 server: https, with a host. */
option_check_fn check_oauth_url;
/* Visible ASCII characters and spaces between them. */
option_check_fn check_oauth_word;
/* Letters, digits, "-" and ".": a name, a domain or a GUID. */
option_check_fn check_oauth_tenant;

/* "mbox:" or "maildir:" with a name after it, or "smtp". */
option_check_fn check_batch;
/* "maildir:" with "/" or "~/" and a path after it. */
option_check_fn check_archive;
/* keep, force, or "user@" and a domain. */
option_check_fn check_service_sender;

/* A time to wait before the next attempt, at least one second. */
option_check_fn check_retry_time;

#endif
