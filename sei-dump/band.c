/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Least and greatest values by column. */
#include "band.h"

#include <math.h>
#include <stdlib.h>

int
band_open(struct band *b, struct csv *out, const char *name, double length, double unit, size_t n)
{
	*b = (struct band){ .out = out, .length = length, .unit = unit };
	csv_printf(out, "$%s << END\n", name);
	if (n <= 2 * BAND_COLUMNS)
		return 0;
	b->low = reallocarray(NULL, 2 * BAND_COLUMNS, sizeof *b->low);
	if (b->low == NULL)
		return -1;
	b->high = b->low + BAND_COLUMNS;
	for (size_t i = 0; i < BAND_COLUMNS; i++) {
		b->low[i] = INFINITY;
		b->high[i] = -INFINITY;
	}
	return 0;
}

static void
row(const struct band *b, double x, double low, double high)
{
	csv_printf(b->out, "%.9g %.7g %.7g\n", x / b->unit, low, high);
}

void
band_add(struct band *b, double x, double value)
{
	size_t i;

	if (b->low == NULL) {
		row(b, x, value, value);
		return;
	}
	i = (size_t)fmax(0, fmin(x / b->length * BAND_COLUMNS, BAND_COLUMNS - 1));
	b->low[i] = fmin(b->low[i], value);
	b->high[i] = fmax(b->high[i], value);
}

void
band_close(struct band *b)
{
	for (size_t i = 0; b->low != NULL && i < BAND_COLUMNS; i++)
		if (b->low[i] <= b->high[i])
			row(b, ((double)i + 0.5) * b->length / BAND_COLUMNS, b->low[i], b->high[i]);
	free(b->low);
	csv_printf(b->out, "END\n");
}
