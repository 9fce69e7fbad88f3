/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Three panels, one above the other. Values are differences, so doubles do. Texts stand
 * in single quotes, in which gnuplot expands nothing, and which are doubled in them.
 */
#include "gnuplot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "band.h"
#include "clock.h"
#include "clocks.h"
#include "nalstream.h"
#include "ntptime.h"
#include "remarks.h"

#define LABELS		24		/* events that have their names written */
#define LOG_MIN_MS	0.01		/* what is less is drawn there on a logarithmic axis */
#define LOG_RATIO	30
#define REMARKS		3
#define FEW		400		/* of so many points each can be seen */

struct plot {
	struct csv *out;
	const struct figures *f;
	const struct frames *fs;
	double *x;			/* of each frame, ns */
	double length, unit;		/* ns; of the axis */
	double base;			/* ns, what the third panel's values are less */
	double low, high;		/* ms, of its line */
	size_t outside;			/* reports that are drawn at its edge */
	bool has_camera;
	double top;			/* of the first panel */
	double most_interval, most_delay;
	double least_delay;		/* ms; 0, or that of a frame that came before the earliest */
};

static void
quoted(struct csv *out, const char *text)
{
	csv_printf(out, "'");
	for (; *text != '\0'; text++)
		csv_printf(out, *text == '\'' ? "''" : "%c", *text);
	csv_printf(out, "'");
}

/* When frames are shown, without what is no interval. */
static void
place(struct plot *p)
{
	double x = 0;
	int64_t ns;

	for (size_t i = 0; i < p->fs->nframes; i++) {
		ns = i == 0 ? 0 : figures_interval(p->fs, i);
		x += ns > 0 ? (double)ns : 0;
		p->x[i] = x;
	}
	p->length = fmax(x, 1);
	p->unit = x < 300e9 ? 1e9 : x < 4 * 3600e9 ? 60e9 : x < 96 * 3600e9 ? 3600e9 : 86400e9;
}

static const char *
unit_name(const struct plot *p)
{
	return p->unit < 2e9 ? "s" : p->unit < 61e9 ? "min" : p->unit < 3601e9 ? "h" : "days";
}

/* ---- data ---- */

static int
intervals(struct plot *p)
{
	struct band b;
	int64_t ns;

	if (band_open(&b, p->out, "interval", p->length, p->unit, p->fs->nframes) == -1)
		return -1;
	for (size_t i = 1; i < p->fs->nframes; i++) {
		ns = figures_interval(p->fs, i);
		if (ns < 0)
			continue;
		band_add(&b, p->x[i], (double)ns / 1e6);
		p->most_interval = fmax(p->most_interval, (double)ns / 1e6);
	}
	band_close(&b);
	return 0;
}

static int
delays(struct plot *p)
{
	const struct frames *fs = p->fs;
	struct band b;
	double ms;

	if (band_open(&b, p->out, "delay", p->length, p->unit, fs->nframes) == -1)
		return -1;
	for (size_t i = 0; i < fs->nframes; i++) {
		const struct frame *f = &fs->frame[i];

		if (!(f->flags & FRAME_TIME) || fs->host_ns == NULL || fs->host_ns[f->decode] == FRAMES_NO_TIME)
			continue;
		ms = (double)(clock_unix_from_ntp(f->recv_ntp) - fs->host_ns[f->decode]) / 1e6;
		band_add(&b, p->x[i], ms);
		p->most_delay = fmax(p->most_delay, ms);
		p->least_delay = fmin(p->least_delay, ms);
	}
	band_close(&b);
	return 0;
}

/* The camera's clock less the host's, less the base, in ms. False if one of them is not known. */
static bool
offset_at(const struct plot *p, size_t i, double *ms)
{
	const struct frames *fs = p->fs;
	size_t k = fs->frame[i].decode;

	if (fs->camera_ns == NULL || fs->host_ns == NULL || fs->camera_ns[k] == FRAMES_NO_TIME ||
	    fs->host_ns[k] == FRAMES_NO_TIME)
		return false;
	*ms = ((double)(fs->camera_ns[k] - fs->host_ns[k]) - p->base) / 1e6;
	return true;
}

static int
camera_line(struct plot *p)
{
	struct band b;
	double ms;

	if (band_open(&b, p->out, "camera", p->length, p->unit, p->fs->nframes) == -1)
		return -1;
	p->base = rint((double)p->f->offset_first_ns / 1e6) * 1e6;
	for (size_t i = 0; i < p->fs->nframes; i++) {
		if (!offset_at(p, i, &ms))
			continue;
		band_add(&b, p->x[i], ms);
		p->low = p->has_camera ? fmin(p->low, ms) : ms;
		p->high = p->has_camera ? fmax(p->high, ms) : ms;
		p->has_camera = true;
	}
	band_close(&b);
	return 0;
}

/* What a report says of the camera's clock less the host's, less the base, in ms. */
static bool
report_at(const struct plot *p, const struct report *r, double *x, double *ms)
{
	const struct frames *fs = p->fs;
	const struct frame *f;
	double since;
	int64_t ns;

	if (fs->host_ns == NULL || fs->clocks == NULL || r->frame >= fs->nframes)
		return false;
	f = &fs->frame[r->frame];
	if (fs->host_ns[f->decode] == FRAMES_NO_TIME ||
	    ntptime_read(r->ntp, clock_unix_from_ntp(r->recv_ntp), fs->clocks->reports.code.in_ns, &ns) ==
	    NTPTIME_UNSET)
		return false;
	since = (double)(int32_t)(r->rtp - f->rtp) / fs->clocks->rtp_rate * 1e9;
	*x = fmax(0, fmin(p->x[r->frame] + since, p->length));
	*ms = ((double)(ns - fs->host_ns[f->decode]) - since - p->base) / 1e6;
	return true;
}

/* Reports about the line, and those that are far from it, at the edge. */
static int
reports(struct plot *p)
{
	double x, ms, side;
	struct band b;

	side = fmax(fmax((p->high - p->low) / 5, 0.1), (double)p->f->noise_ns / 1e6);
	p->low -= side;
	p->high += side;
	if (band_open(&b, p->out, "report", p->length, p->unit, p->fs->nreports) == -1)
		return -1;
	for (size_t i = 0; i < p->fs->nreports; i++)
		if (report_at(p, &p->fs->report[i], &x, &ms) && ms >= p->low && ms <= p->high)
			band_add(&b, x, ms);
	band_close(&b);
	if (band_open(&b, p->out, "outside", p->length, p->unit, p->fs->nreports) == -1)
		return -1;
	for (size_t i = 0; i < p->fs->nreports; i++) {
		if (!report_at(p, &p->fs->report[i], &x, &ms) || (ms >= p->low && ms <= p->high))
			continue;
		p->outside++;
		band_add(&b, x, ms < p->low ? p->low : p->high);
	}
	band_close(&b);
	return 0;
}

/* ---- marks ---- */

static void
line(struct plot *p, double x, const char *style)
{
	csv_printf(p->out, "set arrow from %.6g, graph 0 to %.6g, graph 1 nohead back %s\n", x / p->unit,
	    x / p->unit, style);
}

/* Gaps are red, with a line at their beginning unless they are near to one that has it. */
static void
gaps(struct plot *p)
{
	double from, near = -INFINITY, column = p->length / BAND_COLUMNS;
	int64_t ns;

	for (size_t i = 1; i < p->fs->nframes; i++) {
		ns = figures_interval(p->fs, i);
		if (ns <= p->f->interval.median + p->f->interval.median / 2)
			continue;
		from = p->x[i - 1];
		if ((double)ns > 2 * column)
			csv_printf(p->out, "set object rectangle from %.6g, graph 0 to %.6g, graph 1 "
			    "fillcolor rgb '#f4b6b6' fillstyle solid noborder behind\n", from / p->unit,
			    p->x[i] / p->unit);
		if (from < near + column)
			continue;
		near = from;
		line(p, from, "linecolor rgb '#e07070' linewidth 1");
	}
}

/* What the recorder noted; the names of the first of them. */
static void
events(struct plot *p)
{
	const struct frames *fs = p->fs;
	double x, near = -INFINITY;
	size_t labels = 0;
	char what[WHAT_SIZE];

	for (size_t i = 0; i < fs->nevents && fs->nframes > 0; i++) {
		const struct event *e = &fs->event[i];

		x = p->x[e->frame < fs->nframes ? e->frame : fs->nframes - 1];
		if (fabs(x - near) < p->length / BAND_COLUMNS * 16)
			continue;
		near = x;
		line(p, x, "linecolor rgb '#707070' dashtype 3 linewidth 1.5");
		if (labels++ >= LABELS)
			continue;
		figures_what(fs, e, what);
		csv_printf(p->out, "set label %zu ", labels);
		quoted(p->out, what);
		csv_printf(p->out, " at %.6g, graph 0.97 rotate right offset 0.8,0 font ',9' textcolor rgb '#505050' "
		    "noenhanced front\n", x / p->unit);
	}
}

/* ---- the program ---- */

static void
head(struct plot *p, const char *name)
{
	enum remark_level level;
	char text[REMARK_MAX];
	size_t n = 0;

	csv_printf(p->out, "set multiplot\nset label 100 ");
	quoted(p->out, name);
	csv_printf(p->out, " at screen 0.085, 0.965 font ',15' noenhanced\n");
	csv_printf(p->out, "set label 101 '%zu frames, one in %.3f ms; %.4g %s", p->f->frames,
	    (double)p->f->interval.median / 1e6, p->length / p->unit, unit_name(p));
	if (p->f->timed > 0) {
		clock_format_rfc3339(text, p->f->first_ns);
		text[10] = ' ';
		csv_printf(p->out, " from %.19s UTC", text);
	}
	csv_printf(p->out, "' at screen 0.97, 0.965 right font ',11' textcolor rgb '#505050' noenhanced\n");
	if (p->f->gaps > 0)
		csv_printf(p->out, "set label %zu '%zu gap%s, %.3f s together; the longest interval is %.3f s before frame "
		    "%zu' at screen 0.085, 0.94 font ',10' textcolor rgb '#b03030' noenhanced\n", 102 + n++,
		    p->f->gaps, p->f->gaps == 1 ? "" : "s", (double)p->f->gap_ns / 1e9,
		    (double)p->f->interval.max / 1e9, p->f->longest);
	for (size_t i = 0; n < REMARKS && p->fs->clocks != NULL && remark(p->fs->clocks, i, text, &level); i++) {
		if (level == REMARK_NOTE)
			continue;
		csv_printf(p->out, "set label %zu ", 102 + n);
		quoted(p->out, text);
		csv_printf(p->out, " at screen 0.085, %.3f font ',10' textcolor rgb '#b03030' noenhanced\n",
		    0.94 - 0.021 * (double)n++);
	}
	p->top = 0.93 - 0.021 * (double)n;
}

static void
terminal(struct csv *out)
{
	csv_printf(out, "#!/usr/bin/env gnuplot\n"
	    "# Made by sei-dump --gnuplot, for gnuplot 5: gnuplot THIS > picture.png\n"
	    "# Other pictures: gnuplot -e \"term='svg size 1400,1050'\" THIS > picture.svg\n"
	    "if (!exists('term')) term = 'pngcairo size 1400,1050'\n"
	    "eval 'set terminal ' . term\n");
}

static void
panel(struct plot *p, double bottom, double top, const char *label)
{
	csv_printf(p->out, "set bmargin at screen %.3f\nset tmargin at screen %.3f\nset ylabel '%s' noenhanced\n",
	    bottom, top, label);
}

static void
frame_style(struct plot *p)
{
	csv_printf(p->out, "set lmargin at screen 0.085\nset rmargin at screen 0.97\n"
	    "set border 3 linecolor rgb '#808080'\nset tics nomirror out textcolor rgb '#303030'\n"
	    "set grid linecolor rgb '#e4e4e4' linetype 1\n"
	    "set key at graph 1, graph 1.09 right horizontal samplen 1 font ',10' noenhanced\n"
	    "set xrange [0:%.9g]\nset format x ''\n", p->length / p->unit);
}

/* A logarithmic axis from edge on where a few values are far above the others, and none far below 0. */
static void
scale(struct plot *p, double edge, double least, double usual, double most)
{
	csv_printf(p->out, "low(y) = y < %g ? %g : y\n", edge, edge);
	if (most > LOG_RATIO * usual && least >= -usual)
		csv_printf(p->out, "set logscale y\nset yrange [%g:%.6g]\n", edge, most * 1.5);
	else
		csv_printf(p->out, "low(y) = y\nunset logscale y\nset yrange [%.6g:%.6g]\n", least * 1.1,
		    fmax(most * 1.1, 0.1));
}

/* Each column from its least to its greatest value, both with a point. */
static void
band(struct plot *p, const char *data, const char *color)
{
	csv_printf(p->out, "plot $%s using 1:(low($2)):(0):(low($3) - low($2)) with vectors nohead "
	    "linecolor rgb '%s' notitle", data, color);
	for (int column = 2; column <= 3; column++)
		csv_printf(p->out, ", \\\n  $%s using 1:(low($%d)) with points pointtype 7 pointsize %s "
		    "linecolor rgb '%s' notitle", data, column, p->f->frames > FEW ? "0.25" : "0.5", color);
	csv_printf(p->out, "\n");
}

/* A panel without data. */
static void
nothing(struct plot *p, double bottom, double top, const char *text)
{
	panel(p, bottom, top, "");
	csv_printf(p->out, "unset logscale y\nset yrange [0:1]\nunset ytics\nset label 200 '%s' "
	    "at graph 0.5, graph 0.5 center textcolor rgb '#808080'\nplot -1 notitle\n"
	    "set ytics\nunset label 200\n", text);
}

static void
interval_panel(struct plot *p)
{
	if (p->f->interval.n == 0) {
		nothing(p, 0.64, p->top, "there is no time from frame to frame");
		return;
	}
	panel(p, 0.64, p->top, "from frame to frame, ms");
	scale(p, fmax((double)p->f->interval.low / 4e6, LOG_MIN_MS), 0,
	    (double)p->f->interval.median / 1e6, p->most_interval);
	band(p, "interval", "#1f5fa8");
}

static void
delay_panel(struct plot *p)
{
	if (p->fs->clocks == NULL || p->f->host == 0) {
		nothing(p, 0.365, 0.605, "there are no times of arrival");
		return;
	}
	panel(p, 0.365, 0.605, "arrival behind the earliest, ms");
	scale(p, LOG_MIN_MS, p->least_delay, (double)p->fs->clocks->host.delay_median_ns / 1e6, p->most_delay);
	band(p, "delay", "#2f8f5b");
}

/* Least and greatest values as points. */
static void
points(struct plot *p, const char *data, const char *style, const char *title)
{
	csv_printf(p->out, ", \\\n  $%s using 1:2 with points %s %s", data, style, title);
	csv_printf(p->out, ", \\\n  $%s using 1:3 with points %s notitle", data, style);
}

static void
camera_panel(struct plot *p)
{
	csv_printf(p->out, "set format x '%%g'\nset xlabel 'time, %s'\nunset logscale y\n", unit_name(p));
	if (!p->has_camera) {
		nothing(p, 0.09, 0.33, "the camera''s clock is not known");
		return;
	}
	csv_printf(p->out, "set yrange [%.6g:%.6g]\n", p->low, p->high);
	panel(p, 0.09, 0.33, "camera''s clock less this host''s, ms");
	if (p->base != 0)
		csv_printf(p->out, "set label 200 '0 is %.3f s %s' at graph 0.005, 0.94 font ',10' "
		    "textcolor rgb '#505050' front\n", fabs(p->base) / 1e9, p->base < 0 ? "behind" : "ahead");
	/* Where nobody sees it, for the key: that of points this small could not be seen there. */
	csv_printf(p->out, "plot -1e30 with lines linewidth 2 linecolor rgb '#1f5fa8' title 'camera_time'");
	points(p, "report", p->fs->nreports > FEW ? "pointtype 6 pointsize 0.5 linecolor rgb '#f0b070'" :
	    "pointtype 6 pointsize 0.9 linecolor rgb '#e08020'", "title 'sender reports'");
	csv_printf(p->out, ", \\\n  $camera using 1:2:(0):($3 - $2) with vectors nohead linewidth 2 "
	    "linecolor rgb '#1f5fa8' notitle");
	points(p, "camera", p->f->frames > FEW ? "pointtype 7 pointsize 0.25 linecolor rgb '#1f5fa8'" :
	    "pointtype 7 pointsize 0.5 linecolor rgb '#1f5fa8'", "notitle");
	if (p->outside > 0)
		points(p, "outside", "pointtype 9 pointsize 1.2 linecolor rgb '#d02020'",
		    "title 'sender reports far outside'");
	csv_printf(p->out, "\n");
}

int
gnuplot_write(struct csv *out, const char *name, const struct figures *f, const struct frames *fs)
{
	struct plot p = { .out = out, .f = f, .fs = fs };
	int result = -1;

	p.x = reallocarray(NULL, fs->nframes + 1, sizeof *p.x);
	if (p.x == NULL)
		return -1;
	place(&p);
	terminal(out);
	if (intervals(&p) == 0 && delays(&p) == 0 && camera_line(&p) == 0 && reports(&p) == 0) {
		head(&p, name);
		frame_style(&p);
		gaps(&p);
		events(&p);
		interval_panel(&p);
		/* What is said once is not said again in the panels below. */
		csv_printf(out, "do for [i=1:%d] { unset label i }\ndo for [i=100:%d] { unset label i }\n", LABELS,
		    102 + REMARKS);
		delay_panel(&p);
		camera_panel(&p);
		csv_printf(out, "unset multiplot\n");
		result = 0;
	}
	free(p.x);
	return result;
}
