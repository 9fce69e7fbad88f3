/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A non-blocking socket with one receive buffer, which items are taken from in place. */
#include "conn.h"

#include <sys/endian.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "msg.h"
#include "nalstream.h"

#define INTERLEAVED_HEAD	4	/* $, channel, 16 bits of length */
#define USER_TIMEOUT_MS		30000
#define RTP_HEAD		12
#define MESSAGE_START		16	/* more than the longest method */
#define SEGMENT			1500	/* an RTP packet of this size is sent in one go */

void
conn_init(struct conn *c)
{
	c->fd = -1;
	c->received = c->stray = c->searched = 0;
	c->known.set = c->astray = c->blurred = false;
	c->pos = c->end = c->piece_start = c->out_len = 0;
}

int
conn_connect(struct conn *c, const struct addrinfo *address)
{
	conn_init(c);
	c->fd = socket(address->ai_family, SOCK_STREAM, 0);
	if (c->fd == -1)
		return -1;
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) == -1 || fcntl(c->fd, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	(void)setsockopt(c->fd, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int));
#if defined(TCP_USER_TIMEOUT) && !defined(PORTABLE)
	/* A camera that was unplugged: our reports stay unanswered. Elsewhere the session's own timers see it. */
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &(unsigned){ USER_TIMEOUT_MS }, sizeof(unsigned));
#endif
	arrival_open(&c->clock, c->fd);
	if (connect(c->fd, address->ai_addr, address->ai_addrlen) == -1 && errno != EINPROGRESS)
		return -1;
	return 0;
}

int
conn_connected(struct conn *c)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		return -1;
	errno = error;
	return error == 0 ? 0 : -1;
}

void
conn_close(struct conn *c)
{
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
}

ssize_t
conn_read(struct conn *c)
{
	ssize_t n;

	/* conn_next() took all it could: what is left is the start of one item. */
	if (c->pos > 0) {
		memmove(c->buf, c->buf + c->pos, c->end - c->pos);
		c->end -= c->pos;
		c->pos = 0;
	}
	n = arrival_recv(&c->clock, c->fd, c->buf + c->end, sizeof c->buf - c->end, &c->piece);
	if (n <= 0)
		return n;
	c->piece_start = c->end;
	c->end += n;
	c->received += n;
	return n;
}

/* When the item at pos, of this size, came. */
static void
date(const struct conn *c, size_t size, struct conn_packet *p)
{
	bool carried = c->pos < c->piece_start;
	const struct arrival *first = carried ? &c->partial : &c->piece;
	int64_t early_ns;

	p->first_ntp = first->ntp;
	p->last_ntp = c->piece.ntp;
	/* A read that ended in this item, and was no more than a segment: its stamp is this item's own. */
	p->slack_us = first->exact && first->len <= SEGMENT &&
	    (carried || c->pos + size == c->end) ? 0 : first->slack_us;
	p->user = !first->exact || !c->piece.exact;
	if (carried && c->blurred) {
		p->first_ntp = p->last_ntp;
		p->slack_us = NALSTREAM_SLACK_UNKNOWN;
	}
	/* TCP keeps order: what came before the last byte is no later than it. */
	early_ns = clock_ntp_diff_ns(p->first_ntp, p->last_ntp);
	if (early_ns > 0) {
		p->first_ntp = p->last_ntp;
		/* More than the slack is a clock that was set back in between. */
		if (early_ns / 1000 > p->slack_us)
			p->slack_us = NALSTREAM_SLACK_UNKNOWN;
		else if (p->slack_us != NALSTREAM_SLACK_UNKNOWN)
			p->slack_us -= early_ns / 1000;
	}
}

static enum conn_kind
more(struct conn *c)
{
	if (c->pos >= c->piece_start) {
		c->partial = c->piece;
		c->blurred = false;
	}
	return CONN_MORE;
}

/* Whether an item may begin at this byte, at a glance. */
static bool
may_begin(const uint8_t *at, size_t left)
{
	return *at == '$' || *at == '\r' || *at == '\n' || rtsp_begins(at, left);
}

enum found { NO, YES, MAYBE };

/*
 * Whether a packet begins here, beyond doubt: '$', a known channel, RTP version
 * 2 and RTCP, or the payload type and the SSRC that come here. From another SSRC
 * it is one if something begins where it ends. MAYBE: not all of it is there yet.
 */
static enum found
begins_packet(const struct conn *c, const uint8_t *at, size_t left)
{
	const uint8_t *rtp = at + INTERLEAVED_HEAD;
	size_t len;

	if (left >= 2 && at[1] != c->known.channel && at[1] != c->known.rtcp_channel)
		return NO;
	if (left < INTERLEAVED_HEAD + RTP_HEAD)
		return MAYBE;
	len = be16dec(at + 2);
	if (rtp[0] >> 6 != 2)
		return NO;
	if (rtp[1] >= 200 && rtp[1] <= 207)
		return ((size_t)be16dec(rtp + 2) + 1) * 4 <= len ? YES : NO;
	if ((rtp[1] & 0x7f) != c->known.payload_type || len < RTP_HEAD)
		return NO;
	if (c->known.has_ssrc && be32dec(rtp + 8) == c->known.ssrc)
		return YES;
	if (left <= INTERLEAVED_HEAD + len)
		return MAYBE;
	return may_begin(rtp + len, left - INTERLEAVED_HEAD - len) ? YES : NO;
}

static enum found
begins_item(const struct conn *c, const uint8_t *at, size_t left)
{
	if (*at == '$')
		return begins_packet(c, at, left);
	if (!rtsp_begins(at, left))
		return NO;
	return left < MESSAGE_START ? MAYBE : YES;
}

/* Moves pos to the next item. false: there is none in what was read. */
static bool
find_item(struct conn *c)
{
	enum found found = NO;
	size_t at = c->pos;

	while (at < c->end && (found = begins_item(c, c->buf + at, c->end - at)) == NO)
		at++;
	c->stray += at - c->pos;
	c->searched += at - c->pos;
	c->pos = at;
	c->astray = found != YES;
	return !c->astray;
}

/* What is at pos is no item: the search begins behind its first byte. */
static void
lose_step(struct conn *c)
{
	if (c->searched == 0)
		c->stray_offset = c->received - (c->end - c->pos);
	if (c->stray == 0)
		msg(MSG_REMARK, "byte %" PRIu64 " of the connection is neither an RTSP message nor an "
		    "interleaved packet; the next one is searched for", c->stray_offset);
	c->astray = c->blurred = true;
	c->stray++;
	c->searched++;
	c->pos++;
}

/*
 * Whether the length of the packet at pos is a lie: nothing begins where it
 * ends, but a packet does inside it. Stray bytes behind a good packet (Canon
 * VB-H47) are none of its fault.
 */
static bool
swallows_packet(const struct conn *c, size_t size)
{
	const uint8_t *at = c->buf + c->pos, *end = at + size;
	size_t left = c->end - c->pos;

	if (!c->known.set || left == size || may_begin(end, left - size))
		return false;
	while (++at < end && (at = memchr(at, '$', end - at)) != NULL) {
		if (begins_packet(c, at, c->buf + c->end - at) == YES)
			return true;
	}
	return false;
}

static enum conn_kind
take_packet(struct conn *c, struct conn_packet *p)
{
	const uint8_t *at = c->buf + c->pos;
	size_t left = c->end - c->pos, size;

	if (left < INTERLEAVED_HEAD)
		return more(c);
	size = INTERLEAVED_HEAD + be16dec(at + 2);
	/* Before all of it is waited for: RTP and RTCP have version 2. */
	if (c->known.set && left > INTERLEAVED_HEAD && size > INTERLEAVED_HEAD + 1 &&
	    at[INTERLEAVED_HEAD] >> 6 != 2)
		return CONN_BAD;
	if (left < size)
		return more(c);
	if (swallows_packet(c, size))
		return CONN_BAD;
	date(c, size, p);
	p->channel = at[1];
	p->data = at + INTERLEAVED_HEAD;
	p->len = size - INTERLEAVED_HEAD;
	c->pos += size;
	return CONN_PACKET;
}

static enum conn_kind
take_item(struct conn *c, struct conn_packet *p, struct rtsp_message *m)
{
	const uint8_t *at;
	size_t left;
	ssize_t len;

	/* Some put blank lines between messages (RFC 2326 4.1 of old). */
	while (c->pos < c->end && (c->buf[c->pos] == '\r' || c->buf[c->pos] == '\n'))
		c->pos++;
	at = c->buf + c->pos;
	left = c->end - c->pos;
	if (left == 0)
		return more(c);
	if (*at == '$')
		return take_packet(c, p);
	if (!rtsp_begins(at, left))
		return CONN_BAD;
	len = rtsp_parse(m, at, left);
	if (len <= 0)
		return len == 0 ? more(c) : CONN_BAD;
	c->message = at;
	c->message_len = len;
	c->pos += len;
	return CONN_MESSAGE;
}

enum conn_kind
conn_next(struct conn *c, struct conn_packet *p, struct rtsp_message *m)
{
	enum conn_kind kind;

	for (;;) {
		if (c->astray && !find_item(c))
			return c->searched > CONN_STRAY_MAX ? CONN_BAD : more(c);
		kind = take_item(c, p, m);
		if (kind > CONN_MORE)
			c->searched = 0;
		if (kind != CONN_BAD)
			return kind;
		if (!c->known.set) {
			c->stray_offset = c->received - (c->end - c->pos);
			return CONN_BAD;
		}
		lose_step(c);
	}
}

int
conn_flush(struct conn *c)
{
	ssize_t n;

	while (c->out_len > 0) {
		n = send(c->fd, c->out, c->out_len, 0);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
		c->out_len -= n;
		memmove(c->out, c->out + n, c->out_len);
		explicit_bzero(c->out + c->out_len, n);	/* there may be a password in it */
	}
	return 0;
}

int
conn_send(struct conn *c, const void *data, size_t len)
{
	if (len > sizeof c->out - c->out_len) {
		errno = ENOBUFS;
		return -1;
	}
	memcpy(c->out + c->out_len, data, len);
	c->out_len += len;
	return conn_flush(c);
}

bool
conn_pending(const struct conn *c)
{
	return c->out_len > 0;
}
