-- Uploads: what may be uploaded, limits, attaching what was uploaded, cleaning up.
\i test/fixtures/team.sql
SET collab.user_id = '3';
SELECT count(collab.create_task(test.board('Plan'), test.list('To do'), name)) FROM unnest(ARRAY['House', 'Garden']) AS name;
CREATE FUNCTION test.png(bytes int DEFAULT 8) RETURNS bytea LANGUAGE sql AS $$
	SELECT '\x89504e470d0a1a0a'::bytea || convert_to(repeat('x', bytes - 8), 'UTF8')
$$;
CREATE FUNCTION test.up(name text, content bytea, type text) RETURNS text LANGUAGE sql AS $$
	SELECT test.try(format('SELECT collab.upload(%L, %L, %L)', name, content, type))
$$;
-- Every allowed type, with bytes that begin as it does
SELECT type, test.up('file', content, type) FROM (VALUES
	('image/png', test.png()), ('image/jpeg', '\xffd8ffe0'), ('image/gif', 'GIF89a'), ('image/gif', 'GIF87a'), ('image/webp', 'RIFF....WEBP'), ('image/avif', '....ftypavif'),
	('image/tiff', '\x49492a00'), ('image/tiff', '\x4d4d002a'), ('application/pdf', '%PDF-1.7'), ('application/zip', '\x504b0304'), ('application/zip', '\x504b0506'),
	('application/vnd.openxmlformats-officedocument.wordprocessingml.document', '\x504b0304'), ('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', '\x504b0304'),
	('application/vnd.openxmlformats-officedocument.presentationml.presentation', '\x504b0304'), ('application/vnd.oasis.opendocument.text', '\x504b0304'),
	('application/vnd.oasis.opendocument.spreadsheet', '\x504b0304'), ('application/vnd.oasis.opendocument.presentation', '\x504b0304'),
	('application/gzip', '\x1f8b08'), ('application/x-7z-compressed', '\x377abcaf271c'), ('application/x-tar', convert_to(repeat('a', 257) || 'ustar', 'UTF8')),
	('audio/mpeg', 'ID3'), ('audio/mpeg', '\xfffb'), ('audio/ogg', 'OggS'), ('audio/wav', 'RIFF....WAVE'), ('video/mp4', '....ftypisom'), ('video/webm', '\x1a45dfa3'),
	('text/plain', 'words'), ('text/markdown', '# words'), ('text/csv', 'a,b'), ('text/calendar', 'BEGIN:VCALENDAR'), ('application/json', '{}'),
	('Text/Plain; charset=utf-8', convert_to('Zoë <b>', 'UTF8'))) AS t (type, content);
SELECT id IS NOT NULL AS id, user_id, name, content_type, size, sha256 = encode(sha256(content), 'hex') AS sha256, attached_at FROM collab.uploads WHERE content_type LIKE 'text/p%' ORDER BY size;
SELECT attstorage FROM pg_attribute WHERE attrelid = 'collab.uploads'::regclass AND attname = 'content';
-- Types that are not allowed; the hint names those that are
SELECT replace(test.up('page', '<p>', 'text/html'), ', ', E'\n');
SELECT left(type, 30) AS type, left(test.up('file', 'x', type), 70) FROM unnest(ARRAY['image/svg+xml', 'application/javascript', 'text/javascript', 'application/x-msdownload', 'application/x-sh',
	'application/octet-stream', 'application/xml', 'image', '', ' text/plain', 'text/plain, text/html', repeat('x', 1000)]) AS type;
-- Bytes that are not what the type says
SELECT type, left(test.up('file', content, type), 100) FROM (VALUES
	('image/png', 'GIF89a'::bytea), ('image/png', '\x89504e470d0a1a'), ('image/webp', 'RIFF....WAVE'), ('image/webp', 'RIFF'), ('application/pdf', ' %PDF-1.7'), ('application/x-tar', 'ustar'), ('application/zip', 'MZ'),
	('text/plain', '\x6100'), ('text/plain', '\xff'), ('text/csv', '\xc0af'), ('text/plain', '\xeda080'), ('application/json', '\x504b0304')) AS t (type, content);
SELECT left(test.up('file', convert_to(content, 'UTF8'), 'text/plain'), 70) FROM unnest(ARRAY['<!DOCTYPE html>', E' \n<HTML>', '<script>', '<svg xmlns', '<?xml version', '#!/bin/sh', U&'\FEFF<html>']) AS content;
-- Names
SELECT left(name, 20) AS name, test.up(name, 'x', 'text/plain') FROM unnest(ARRAY['a.txt', ' b.txt ', 'no extension', 'page.html', 'PAGE.HTM', 'x.svg', 'run.sh', 'setup.EXE', 'html', 'html.txt', '../etc', 'a\b', '  ', E'a\nb', repeat('n', 255), repeat('ü', 255)]) AS name;
SELECT test.up(repeat('n', 256), 'x', 'text/plain'), left(test.up(repeat('n', 1000000), 'x', 'text/plain'), 60);
SELECT test.try('SELECT collab.upload(NULL, ''x'', ''text/plain'')'), test.try('SELECT collab.upload(''a'', NULL, ''text/plain'')'), test.try('SELECT collab.upload(''a'', ''x'', NULL)'), test.up('a', '', 'text/plain');
-- Limits: one file, and what is attached to nothing
SHOW collab.attachment_limit;
RESET collab.user_id;
SELECT collab.clean_uploads('0') > 0 AS cleaned;
SET collab.attachment_limit = '64kB';
SET collab.user_id = '3';
SELECT test.up('big', test.png(65536), 'image/png');
SELECT test.up('bigger', test.png(65537), 'image/png');
SELECT test.up('second', test.png(65536), 'image/png');
SELECT test.up('third', test.png(8), 'image/png');
SET collab.user_id = '2';
SELECT test.up('hers', test.png(8), 'image/png');
SET collab.user_id = '3';
SELECT count(collab.add_attachment(test.task('House'), name, upload_id => id)) FROM collab.uploads WHERE name = 'big';
SELECT test.up('third', test.png(8), 'image/png');
-- The uploader attaches it, once
SELECT test.try(format('SELECT collab.add_attachment(%L, %L, upload_id => %L)', test.task('House'), 'again', id)) FROM collab.uploads WHERE name = 'big';
SELECT test.try(format('SELECT collab.add_attachment(%L, %L, upload_id => %L)', test.task('House'), 'not mine', id)) FROM collab.uploads WHERE name = 'hers';
SELECT test.try(format('SELECT collab.add_attachment(%L, %L, upload_id => %L)', test.task('House'), 'none', gen_random_uuid()));
SELECT test.try(format('SELECT collab.add_attachment(%L, %L, upload_id => %L)', test.task('House'), 'page.html', id)) FROM collab.uploads WHERE name = 'third';
SELECT name, attached_at IS NOT NULL AS attached FROM collab.uploads ORDER BY created_at;
-- Cleaning: what nobody attached, what was removed; not what is attached
SELECT test.try('SELECT collab.clean_uploads(''-1 day'')'), test.try('SELECT collab.clean_uploads(NULL)');
SELECT collab.clean_uploads();
SELECT collab.clean_uploads('0', '0');
SELECT name FROM collab.uploads;
SELECT count(collab.remove_attachment(id)) FROM collab.attachments;
SELECT collab.clean_uploads('0');
SELECT collab.clean_uploads('0', '0');
SELECT count(*) AS kept FROM collab.uploads;
-- A bridge uploads for a user; nobody for one who is deactivated
SELECT collab.user_upload(4, 'vera.txt', 'x', 'text/plain') IS NOT NULL AS uploaded;
SELECT test.try('SELECT collab.user_upload(99, ''a'', ''x'', ''text/plain'')');
SELECT * FROM collab.verify();
-- A name that is cut for its length is cut between characters.
SELECT test.try('SELECT collab.user_upload(4, ''a'' || repeat(''€'', 1400), ''x'', ''text/plain'')');
-- What is sent again takes no room, so a command that was carried out answers as it did.
SET collab.attachment_limit = '10kB';
SET collab.user_id = '3';
SELECT collab.create_task(list_id => test.list('To do'), title => 'Sent twice')->'changed' AS created;
SELECT collab.attach_file(test.task('Sent twice'), 'a.txt', convert_to(repeat('a', 10000), 'UTF8'), 'text/plain', test.cid(9))->'replayed' AS replayed;
SELECT collab.upload(name, convert_to(repeat('b', 10000), 'UTF8'), 'text/plain') IS NOT NULL AS uploaded FROM unnest(ARRAY['b.txt', 'c.txt']) AS name;
SELECT collab.attach_file(test.task('Sent twice'), 'a.txt', convert_to(repeat('a', 10000), 'UTF8'), 'text/plain', test.cid(9))->'replayed' AS replayed;
SELECT test.try('SELECT collab.upload(''d.txt'', convert_to(repeat(''d'', 10000), ''UTF8''), ''text/plain'')');
-- A bridge keeps a file for a task: only where the user may attach, and once under one command id.
CREATE FUNCTION test.keep(user_id bigint, name text, content text, cid int DEFAULT 20) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(body, 'kept') FROM collab.user_task_upload(user_id, test.task('Sent twice'), name, convert_to(content, 'UTF8'), 'text/plain', test.cid(cid))
$$;
RESET collab.attachment_limit;
SELECT test.keep(3, 'kept.txt', 'x'), test.keep(3, 'kept.txt', 'x'), test.keep(3, 'kept.txt', 'y');
SELECT count(*) FROM collab.uploads WHERE name = 'kept.txt';
SELECT test.keep(4, 'a.txt', 'x', 21), test.keep(99, 'a.txt', 'x', 21), test.keep(3, 'a.html', 'x', 21), test.keep(3, NULL, 'x', 21);
SELECT code FROM collab.user_task_upload(3, gen_random_uuid(), 'a.txt', 'x', 'text/plain', test.cid(22));
