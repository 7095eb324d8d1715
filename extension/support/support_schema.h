/*
 * support_schema.h: whether the SQL objects of this database are those that this library serves.
 */
#ifndef COLLAB_SUPPORT_SCHEMA_H
#define COLLAB_SUPPORT_SCHEMA_H

/* Registers the callback that forgets what was found. Once, at module start. */
extern void schema_start(void);

/* Raises object_not_in_prerequisite_state unless the extension of this database is of the library's own version. */
extern void schema_check(void);

#endif
