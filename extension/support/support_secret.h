/*
 * support_secret.h: what follows from the database's own secret.
 */
#ifndef COLLAB_SUPPORT_SECRET_H
#define COLLAB_SUPPORT_SECRET_H

#include "postgres.h"

/*
 * HMAC-SHA-256 of the text under the secret of this name, as base64url without padding: 43 characters. Makes the secret
 * at its first use. The caller is inside SPI_connect.
 */
extern char *secret_token(const char *name, const char *text);

#endif
