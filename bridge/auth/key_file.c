/*
 * key_file.c - the bytes of a file with keys, and whether they are still the same.
 *
 * Content is compared, not times: two writes within one tick of the file system's clock differ too, and so do links
 * that point elsewhere.  Owns nothing.  Called by keys.c and key_store.c.
 */
#include "auth/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The whole length is reserved first: growing would leave copies of a secret behind. */
static bool
key_file_read_all(int descriptor, size_t max_length, Buffer *content)
{
	size_t length = 0;
	char *bytes = buffer_extend(content, max_length);

	while (length < max_length)
	{
		ssize_t got = read(descriptor, bytes + length, max_length - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		length += (size_t) got;
	}
	content->length -= max_length - length;
	return true;
}

bool
key_file_read(const char *path, size_t max_length, Buffer *content)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	bool is_read;
	int error;

	if (descriptor < 0)
		return false;
	is_read = key_file_read_all(descriptor, max_length, content);
	error = errno;
	close(descriptor);
	errno = error;
	return is_read;
}

void
key_file_wipe(Buffer *content)
{
	if (content->bytes)
		explicit_bzero(content->bytes, content->capacity);
	buffer_free(content);
}

bool
key_file_fingerprint(const char *path, size_t max_length, KeyFingerprint *fingerprint)
{
	Buffer content = BUFFER_EMPTY;
	struct stat status;
	int descriptor;
	bool is_regular;

	*fingerprint = (KeyFingerprint){{0}};
	if (path == NULL || path[0] == '\0')
		return true;
	descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (descriptor < 0)
		return true;
	is_regular = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
	if (is_regular && key_file_read_all(descriptor, max_length, &content))
		(void) EVP_Digest(content.bytes, content.length, fingerprint->bytes, NULL, EVP_sha256(), NULL);
	close(descriptor);
	key_file_wipe(&content);
	return is_regular;
}
