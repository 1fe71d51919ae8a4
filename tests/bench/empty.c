/* SPDX-License-Identifier: GPL-3.0-or-later */
/* empty: what starting any program costs here. */
int main(void)
{
	return 0;
}
