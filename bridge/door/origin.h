/*
 * origin.h - pages of which sites may use the bridge from a browser.
 *
 * A browser says in Origin whose page asks. Pages of the host that was asked always may; others
 * only when option allowed_origins names them. Programs other than browsers send no Origin and are
 * not meant: tokens, not origins, decide who may do what.
 *
 * Pure. Called by ws.c for upgrades and by cors.c for requests.
 */
#ifndef COLLAB_DOOR_ORIGIN_H
#define COLLAB_DOOR_ORIGIN_H

#include "base/slice.h"

typedef enum OriginVerdict
{
	ORIGIN_ABSENT, /* no browser, or one that need not say: fine */
	ORIGIN_SAME, /* our own pages: fine, no CORS headers needed */
	ORIGIN_ALLOWED, /* fine; answers carry CORS headers */
	ORIGIN_REFUSED /* upgrades, preflights and what changes something get 403; other answers no CORS headers */
} OriginVerdict;

/* What a preflight is told, and what scripts may read of an answer. */
#define ORIGIN_ALLOW_HEADERS                                                                                           \
	"Authorization, Content-Type, Content-Disposition, Idempotency-Key, If-Match, If-None-Match, If-Range, "           \
	"Last-Event-ID, Range"
#define ORIGIN_EXPOSE_HEADERS                                                                                          \
	"Accept-Ranges, Allow, Content-Disposition, Content-Range, ETag, Idempotency-Replayed, Link, Location, "           \
	"Retry-After, WWW-Authenticate"
#define ORIGIN_MAX_AGE "600"

/*
 * `allowed` is option allowed_origins: origins separated by commas, or "*". `origin` and `host` are
 * the values of the headers; bytes NULL: there was none. What is allowed is visible ASCII, so that it can
 * be said again in an answer.
 */
OriginVerdict origin_check(const char *allowed, Slice origin, Slice host);

#endif
