/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The sending side of a session. Packets that lie one behind the other are gathered
 * into a run, which is one write(2): at --speed max of many frames; in real time of
 * the rest of a frame, whose first packet has a write of its own, so that the log
 * tells when exactly that was.
 */
#include "session.h"

#include <sys/endian.h>

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "number.h"
#include "rtcp.h"

#define RUN_MAX		(256 << 10)
#define EDIT_SIZE	(RUN_MAX + 2 * FAULT_ROOM)
#define PENDING_MAX	1024

/* A frame that the log does not have yet. */
struct pending {
	struct log_frame frame;
	bool complete;			/* its last packet is written or in the run */
};

struct session {
	const struct session_form *form;
	struct rtsp *rtsp;
	struct conn *conn;
	struct script script;
	uint32_t ssrc, rtp_start;
	uint16_t seq;
	size_t unit;			/* the next one in the clip */
	uint64_t frame, pass;
	int64_t report_ns;		/* elapsed time at which the next is due */
	uint64_t npackets;		/* of the session, dropped ones too */
	uint32_t sent_packets, sent_octets;

	const uint8_t *run;
	size_t run_len;
	bool faulty;			/* packets are copied into edit, for faults to change */
	uint8_t *edit;
	size_t edit_len;
	uint32_t sent_rtp;		/* of the last packet, as the faults left it */

	struct pending pending[PENDING_MAX];
	size_t npending;
};

/* A packet's place. */
struct sending {
	size_t i, n;			/* which of its frame's */
	uint32_t rtp;
	uint64_t ntp;			/* the camera's clock */
};

static bool
ended(const struct session *s)
{
	return s->conn->ended != NULL || s->rtsp->state == RTSP_DONE;
}

/* The RTP clock at a position of the clip in this pass, in ticks since the start. */
static int64_t
ticks_at(const struct session *s, int64_t position)
{
	return number_scale(position + (int64_t)s->pass * s->form->clip->period,
	    s->form->tick_num, s->form->tick_den);
}

/* Logs the frames whose first packet is written and whose last is known. */
static void
log_pending(struct session *s)
{
	size_t n = 0;

	while (n < s->npending && s->pending[n].complete &&
	    (s->pending[n].frame.before_unix_ns != 0 || s->pending[n].frame.packets == 0))
		log_frame(s->form->log, &s->pending[n++].frame);
	s->npending -= n;
	memmove(s->pending, s->pending + n, s->npending * sizeof s->pending[0]);
	log_tick(s->form->log);
}

/* Writes the run. 0, or -1 once the session has ended. */
static int
flush(struct session *s)
{
	struct conn_stamp stamp;
	int r;

	if (s->run_len == 0)
		return ended(s) ? -1 : 0;
	r = conn_write(s->conn, s->run, s->run_len, &stamp);
	s->run_len = s->edit_len = 0;
	for (size_t i = 0; r == 0 && i < s->npending; i++) {
		struct log_frame *f = &s->pending[i].frame;

		if (f->packets > 0 && f->before_unix_ns == 0) {
			f->before_unix_ns = stamp.before_unix_ns;
			f->after_unix_ns = stamp.after_unix_ns;
		}
	}
	log_pending(s);
	if (r == 0 && s->form->max_speed)
		conn_wait(s->conn, 0);
	return r == -1 || conn_flush(s->conn) == -1 || ended(s) ? -1 : 0;
}

/* Makes sure that p can follow the run, which is written if it cannot. */
static int
run_before(struct session *s, const uint8_t *p, size_t len)
{
	if (s->run_len > 0 && (p != s->run + s->run_len || s->run_len + len > RUN_MAX))
		return flush(s);
	return 0;
}

static void
run_add(struct session *s, const uint8_t *p, size_t len)
{
	if (s->run_len == 0)
		s->run = p;
	s->run_len += len;
}

/* Puts what goes before a packet there. */
static size_t
put_before(const struct fault_event *e)
{
	memmove(e->packet + e->before_len, e->packet, e->len);
	memcpy(e->packet, e->before, e->before_len);
	return e->before_len + e->len;
}

/* A copy of a packet, as the faults leave it. Its length, 0 if it is dropped. */
static size_t
edit_packet(struct session *s, const uint8_t *packet, size_t len, const struct sending *sending)
{
	struct fault_event e = { .when = FAULT_PACKET, .number = s->npackets + 1, .len = len,
		.frame = s->frame, .first = sending->i == 0, .last = sending->i + 1 == sending->n,
		.ntp = sending->ntp, .rtp_channel = s->rtsp->rtp_channel,
		.rtcp_channel = s->rtsp->rtcp_channel };

	e.packet = s->edit + s->edit_len;
	memcpy(e.packet, packet, len);
	rtp_patch(e.packet, s->rtsp->rtp_channel, s->seq, sending->rtp, s->ssrc);
	fault_play(s->form->faults, &e);
	s->seq += e.numbers;
	s->sent_rtp = be32dec(e.packet + 8);
	if (e.drop)
		return 0;
	len = put_before(&e);
	s->edit_len += len;
	return len;
}

/* Adds a packet to the run. 1, 0 if a fault dropped it, -1 once the session has ended. */
static int
send_packet(struct session *s, const struct rtp_packet *packet, const struct sending *sending)
{
	uint8_t *p = s->form->rtp->bytes.data + packet->at;
	size_t len = packet->len;

	if (s->faulty) {
		if (s->edit_len + 2 * FAULT_ROOM > EDIT_SIZE && flush(s) == -1)
			return -1;
		len = edit_packet(s, p, packet->len, sending);
		p = s->edit + s->edit_len - len;
	} else {
		/* A packet that waits in the run must not be patched again. */
		if (run_before(s, p, len) == -1)
			return -1;
		rtp_patch(p, s->rtsp->rtp_channel, s->seq, sending->rtp, s->ssrc);
		s->sent_rtp = sending->rtp;
	}
	s->seq++;
	s->npackets++;
	if (len == 0)
		return 0;
	run_add(s, p, len);
	s->sent_packets++;
	s->sent_octets += packet->len - RTP_INTERLEAVED - RTP_HEAD;
	return 1;
}

/* Waits for a time on the host's clock, and serves the client meanwhile. */
static int
wait_real(struct session *s, int64_t unix_ns)
{
	do {
		conn_wait(s->conn, unix_ns);
		if (conn_flush(s->conn) == -1 || ended(s))
			return -1;
		log_tick(s->form->log);
	} while (clock_realtime_ns() < unix_ns);
	return 0;
}

/* Waits for a time of the script, which at --speed max is always now. */
static int
wait_script(struct session *s, int64_t elapsed_ns)
{
	if (s->form->max_speed)
		return ended(s) ? -1 : 0;
	return wait_real(s, script_real(&s->script, elapsed_ns));
}

/* In real time packet i of n waits for its place in the spread; the first goes alone. */
static int
pace_packet(struct session *s, int64_t elapsed_ns, size_t i, size_t n)
{
	if (s->form->max_speed || i == 0)
		return 0;
	if (s->form->spread_ns == 0)
		return i == 1 ? flush(s) : 0;
	if (flush(s) == -1)
		return -1;
	return wait_script(s, elapsed_ns + number_scale(s->form->spread_ns, i, n));
}

static int
send_frame(struct session *s, int64_t elapsed_ns)
{
	const struct clip_unit *unit = &s->form->clip->units[s->unit];
	size_t first = s->form->rtp->first[s->unit], n = s->form->rtp->first[s->unit + 1] - first;
	int64_t ticks = ticks_at(s, unit->position);
	struct sending sending = { .n = n, .rtp = s->rtp_start + (uint32_t)ticks,
	    .ntp = script_ntp(&s->script, ticks) };
	int r;

	s->pending[s->npending++] = (struct pending){ .frame = { .index = s->frame, .rtp = sending.rtp,
	    .capture_unix_ns = script_capture(&s->script, ticks),
	    .camera_ntp = sending.ntp, .key = unit->key } };
	for (size_t i = 0; i < n; i++) {
		sending.i = i;
		if (pace_packet(s, elapsed_ns, i, n) == -1)
			return -1;
		if ((r = send_packet(s, &s->form->rtp->packets[first + i], &sending)) == -1)
			return -1;
		/* What is not complete is never logged away, so it stays the last. */
		s->pending[s->npending - 1].frame.packets += r;
		s->pending[s->npending - 1].frame.rtp = s->sent_rtp;
	}
	s->pending[s->npending - 1].complete = true;
	s->frame++;
	if (++s->unit == s->form->clip->nunits) {
		s->unit = 0;
		s->pass++;
	}
	if (!s->form->max_speed || s->npending == PENDING_MAX) {
		r = flush(s);
		log_pending(s);		/* also frames of which nothing was sent */
		return r;
	}
	return 0;
}

static int
send_report(struct session *s, int64_t ticks)
{
	struct rtcp_report report = { .ssrc = s->ssrc, .ntp = script_ntp(&s->script, ticks),
	    .rtp = s->rtp_start + (uint32_t)ticks, .packets = s->sent_packets,
	    .octets = s->sent_octets };
	struct fault_event e = { .when = FAULT_REPORT, .packet = s->edit,
	    .rtp_channel = s->rtsp->rtp_channel, .rtcp_channel = s->rtsp->rtcp_channel };
	struct conn_stamp stamp;

	e.len = rtcp_report(e.packet, e.rtcp_channel, &report, s->form->report_second);
	fault_play(s->form->faults, &e);
	if (!s->form->report_second) {	/* as it is now */
		report.ntp = be64dec(e.packet + RTP_INTERLEAVED + 8);
		report.rtp = be32dec(e.packet + RTP_INTERLEAVED + 16);
	}
	if (conn_write(s->conn, e.packet, put_before(&e), &stamp) == -1)
		return -1;
	log_report(s->form->log, report.ntp, report.rtp, stamp.before_unix_ns);
	return 0;
}

/* The report, or pair of reports, for this instant. */
static int
send_reports(struct session *s, int64_t elapsed_ns)
{
	int64_t ticks = script_ticks(&s->script, elapsed_ns);

	if (s->form->report_pair && send_report(s, ticks - s->script.clock_rate / 1000) == -1)
		return -1;
	return send_report(s, ticks);
}

static int
report_due(struct session *s, int64_t due_ns)
{
	int64_t now_ns = s->form->max_speed ? due_ns :
	    script_elapsed_at(&s->script, clock_realtime_ns());

	if (flush(s) == -1 || send_reports(s, now_ns) == -1)
		return -1;
	while (s->report_ns <= now_ns)
		s->report_ns += s->form->report_ns;
	return 0;
}

/* Plays the faults of this moment. -1 if the session has ended, perhaps by one. */
static int
play_faults(struct session *s, int64_t elapsed_ns)
{
	struct fault_event e = { .when = FAULT_ITEM, .elapsed_ns = elapsed_ns };

	fault_play(s->form->faults, &e);
	if (!e.close && e.stall_ns == 0)
		return 0;
	if (flush(s) == -1)
		return -1;
	if (e.close) {
		s->conn->ended = "fault";
		return -1;
	}
	if (s->form->max_speed)
		return wait_real(s, clock_realtime_ns() + e.stall_ns);
	return wait_script(s, elapsed_ns + e.stall_ns);
}

/* The next frame or report. */
static int
step(struct session *s)
{
	int64_t frame_ns = script_elapsed(&s->script,
	    ticks_at(s, s->form->clip->units[s->unit].send));
	/* The first report follows the first frame. */
	bool report = s->form->report_ns > 0 && s->frame > 0 && s->report_ns <= frame_ns;
	int64_t due_ns = report ? s->report_ns : frame_ns;

	if (wait_script(s, due_ns) == -1 || play_faults(s, due_ns) == -1)
		return -1;
	return report ? report_due(s, due_ns) : send_frame(s, due_ns);
}

static int
begin(struct session *s)
{
	const struct session_form *form = s->form;
	struct fault_event e = { .when = FAULT_START, .script = &s->script };

	s->ssrc = form->ssrc == -1 ? arc4random() : (uint32_t)form->ssrc;
	s->rtp_start = form->rtp_start == -1 ? arc4random() : (uint32_t)form->rtp_start;
	s->seq = form->seq_start == -1 ? arc4random() : (uint16_t)form->seq_start;
	s->faulty = fault_wants(form->faults, FAULT_PACKET);
	s->script = form->script;
	s->script.start_unix_ns = clock_realtime_ns();
	log_start(form->log, s->script.start_unix_ns);
	fault_reset(form->faults);
	fault_play(form->faults, &e);
	if (form->report_before_play && form->report_ns > 0) {
		s->report_ns = form->report_ns;
		if (send_reports(s, 0) == -1)
			return -1;
	}
	rtsp_play(s->rtsp, s->seq,
	    s->rtp_start + (uint32_t)ticks_at(s, form->clip->units[0].position));
	return conn_flush(s->conn);
}

/* Sends what was asked for. Returns why it stopped. */
static const char *
send_all(struct session *s)
{
	uint8_t out[RTCP_MAX];

	while (!ended(s)) {
		if ((s->form->frames > 0 && s->frame == s->form->frames) ||
		    (s->form->once && s->pass > 0)) {
			if (flush(s) == -1)
				break;
			if (!s->form->no_bye)
				conn_write(s->conn, out,
				    rtcp_bye(out, s->rtsp->rtcp_channel, s->ssrc), NULL);
			return "all frames sent";
		}
		if (step(s) == -1)
			break;
	}
	if (s->rtsp->state != RTSP_DONE)
		return s->conn->ended;
	conn_flush(s->conn);
	return "teardown";
}

const char *
session_run(const struct session_form *form, struct rtsp *rtsp, struct conn *conn)
{
	struct session *s = calloc(1, sizeof *s);
	const char *reason = NULL;

	if (s == NULL || (s->edit = malloc(EDIT_SIZE)) == NULL)
		goto out;
	s->form = form;
	s->rtsp = rtsp;
	s->conn = conn;
	reason = begin(s) == -1 ? conn->ended : send_all(s);
	/* A frame that was cut off: what is known of it. */
	if (s->npending > 0 && s->pending[0].frame.before_unix_ns != 0)
		log_frame(form->log, &s->pending[0].frame);
	log_quit(form->log, reason);
out:
	if (s != NULL)
		free(s->edit);
	free(s);
	return reason;
}
