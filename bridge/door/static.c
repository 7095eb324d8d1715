/*
 * static.c - the files of the built web board.
 *
 * A path is refused unless every segment is a plain name: not empty, not starting with a dot, no
 * backslash, no control characters. Files are opened below web_root with O_NOFOLLOW. Names under
 * /assets/ hold a hash of their content and are cached for ever; everything else is asked for
 * again each time, with an ETag. A path without a dot that is no file is a page of the application:
 * index.html.
 *
 * Owns nothing. Called by http.c.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door/condition.h"
#include "door/http_private.h"

#define STATIC_MAX_BYTES (32 * 1024 * 1024)
#define STATIC_CACHE_FOREVER "public, max-age=31536000, immutable"
#define STATIC_CACHE_ASK "no-cache"

static const struct
{
	const char *ending;
	const char *content_type;
} static_types[] = {
	{".html", "text/html; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".svg", "image/svg+xml"},
	{".png", "image/png"},
	{".ico", "image/x-icon"},
	{".jpg", "image/jpeg"},
	{".webp", "image/webp"},
	{".woff2", "font/woff2"},
	{".json", "application/json; charset=utf-8"},
	{".webmanifest", "application/manifest+json"},
	{".map", "application/json; charset=utf-8"},
	{".txt", "text/plain; charset=utf-8"},
};

static const char *
static_type(const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < LENGTH_OF(static_types); i++)
	{
		size_t ending = strlen(static_types[i].ending);

		if (length > ending && strcmp(path + length - ending, static_types[i].ending) == 0)
			return static_types[i].content_type;
	}
	return "application/octet-stream";
}

/* `path` begins with a slash. */
static bool
static_path_is_plain(const char *path)
{
	for (const char *at = path; *at != '\0'; at++)
	{
		if ((unsigned char) *at < ' ' || *at == '\\' || *at == 0x7f)
			return false;
		if (*at == '/' && (at[1] == '/' || at[1] == '.'))
			return false;
	}
	return path[0] == '/';
}

/* A file's descriptor below web_root; -1 when there is no such regular file. */
static int
static_open(const char *path, struct stat *status)
{
	int root = open(door.config->web_root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = -1;

	if (root >= 0)
	{
		fd = openat(root, path + 1, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		close(root);
	}
	if (fd >= 0 && (fstat(fd, status) != 0 || !S_ISREG(status->st_mode) || status->st_size > STATIC_MAX_BYTES))
	{
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool
static_read(int fd, size_t size, Buffer *body)
{
	char *place = buffer_extend(body, size);
	size_t done = 0;

	while (done < size)
	{
		ssize_t got = read(fd, place + done, size - done);

		if (got <= 0)
			return false; /* shortened meanwhile */
		done += (size_t) got;
	}
	return true;
}

static void
static_send(HttpExchange *exchange, const char *path, int fd, const struct stat *status)
{
	const char *cache = strncmp(path, "/assets/", 8) == 0 ? STATIC_CACHE_FOREVER : STATIC_CACHE_ASK;

	buffer_append_format(&exchange->etag, "\"%llx-%llx\"", (unsigned long long) status->st_size,
						 (unsigned long long) status->st_mtim.tv_sec * 1000000000ull +
							 (unsigned long long) status->st_mtim.tv_nsec);
	exchange->unsent_length = (uint64_t) status->st_size;
	if (condition_has_tag(http_header(exchange, "If-None-Match"), buffer_text(&exchange->etag)))
		http_reply(exchange, 304, static_type(path), cache);
	else if (static_read(fd, (size_t) status->st_size, &exchange->body))
		http_reply(exchange, 200, static_type(path), cache);
	else
		http_refuse_text(exchange, REFUSAL_UNAVAILABLE, "the file has just changed");
}

void
static_serve(HttpExchange *exchange)
{
	const char *path = http_path(exchange);
	struct stat status;
	int fd = -1;

	if (door.config->web_root[0] != '\0' && static_path_is_plain(path))
	{
		if (strcmp(path, "/") != 0)
			fd = static_open(path, &status);
		if (fd < 0 && strchr(path, '.') == NULL)
		{
			path = "/index.html";
			fd = static_open(path, &status);
		}
	}
	if (fd < 0)
	{
		http_refuse_text(exchange, REFUSAL_NOT_FOUND, "no such page");
		return;
	}
	static_send(exchange, path, fd, &status);
	close(fd);
}
