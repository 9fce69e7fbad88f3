/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "show.h"

#include <stdlib.h>
#include <vis.h>

const char *
show(const char *text)
{
	static char *safe;

	free(safe);
	safe = NULL;
	return stravis(&safe, text, VIS_CSTYLE | VIS_NL | VIS_TAB) == -1 ? "?" : safe;
}
