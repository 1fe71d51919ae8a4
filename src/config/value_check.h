/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * value_check: what a row's text must look like beyond its type.
 *
 * Each is an option_check_fn: writes the one spelling that is kept, or fails
 * with ERROR_CONFIG "expected ..., got ...".  Pure.
 */
#ifndef CONFIG_VALUE_CHECK_H
#define CONFIG_VALUE_CHECK_H

#include "config/option.h"

/* A name or address to connect to: no blank, no bracket mail would need; "srv:..." is for later. */
option_check_fn check_host;
/* The argument of EHLO: one word, RFC 5321 section 4.1.1.1; %-sequences allowed. */
option_check_fn check_domain;
/* An address, a pattern, or "<>" for the null sender (kept as ""); brackets around an address are removed. */
option_check_fn check_from;
/* 32, 20 or 16 octets in hex; kept as "AB:CD:...". */
option_check_fn check_fingerprint;
/* off | never | failure,delay,success in any order and case; kept in lower case. */
option_check_fn check_dsn_notify;
/* The name of a file in a folder that is not ours to leave: no "/", not "." or "..". */
option_check_fn check_credential;
/* RFC 3461 section 4.4: 1 to 100 printable ASCII characters. */
option_check_fn check_envid;
/* A time as datetime_parse_local() reads it; kept as it is, for "18:00" means another point each day. */
option_check_fn check_hold_until;
/* A mailbox, or "<>" (kept as "") for "nobody in particular"; brackets around a mailbox are removed. */
option_check_fn check_mail_auth;

/* A time to wait before the next attempt, at least a second. */
option_check_fn check_retry_time;

#endif
