/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Rights are a matter of each system; where there is nothing to drop, nothing is done. */
#include "rights.h"

#if defined(__OpenBSD__)
#include <unistd.h>
#elif defined(__linux__) && !defined(PORTABLE)
#include <sys/prctl.h>

#include <string.h>
#endif

int
rights_drop(const char *promises)
{
#if defined(__OpenBSD__)
	return pledge(promises, NULL);
#elif defined(__linux__) && !defined(PORTABLE)
	return strstr(promises, "exec") != NULL ? 0 : prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#else
	(void)promises;
	return 0;
#endif
}
